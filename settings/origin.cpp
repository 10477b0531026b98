#include "settings/origin.hpp"

namespace feedcast::settings {

std::string to_string(const origin& at) {
  switch (at.from) {
  case origin::layer::defaults:
    return at.name.empty() ? "default" : at.name + " default";
  case origin::layer::profile:
    return "profile " + at.name;
  case origin::layer::environment:
    return at.name.empty() ? "environment" : "environment " + at.name;
  case origin::layer::command_line:
    return "--set";
  case origin::layer::file:
    break;
  }
  if (at.line == 0)
    return at.name;
  return at.name + ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
}

} // namespace feedcast::settings
