#include "pipeline/change.hpp"

namespace feedcast {

entity_kind parse_entity_kind(std::string_view name) noexcept {
  if (name == "action")
    return entity_kind::action;
  if (name == "package")
    return entity_kind::package;
  if (name == "trigger")
    return entity_kind::trigger;
  if (name == "rule")
    return entity_kind::rule;
  return entity_kind::unknown;
}

std::string_view to_string(unusable_document::reason why) noexcept {
  switch (why) {
  case unusable_document::reason::no_id:
    return "no_id";
  case unusable_document::reason::bad_id:
    return "bad_id";
  case unusable_document::reason::too_long:
    return "too_long";
  case unusable_document::reason::damaged:
    return "damaged";
  }
  return "unknown";
}

} // namespace feedcast
