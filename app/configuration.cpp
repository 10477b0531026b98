#include "app/configuration.hpp"

#include <cstdio>

namespace feedcast::app {

settings::load_outcome load_configuration(const configuration_options& options) {
  settings::load_request request;
  request.environment = settings::process_environment();
  request.files.assign(options.files.begin(), options.files.end());
  if (const auto named = request.environment.find("FEEDCAST_CONFIG");
      request.files.empty() && named != request.environment.end() && !named->second.empty())
    request.files.emplace_back(named->second);
  request.profile = options.profile;
  request.sets = options.sets;
  return settings::load(request);
}

void print_diagnostics(const settings::load_outcome& outcome) {
  for (const auto& d : outcome.diagnostics)
    std::fprintf(stderr, "%s\n", d.to_string().c_str());
}

} // namespace feedcast::app
