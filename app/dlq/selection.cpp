#include "app/dlq/selection.hpp"

#include "app/exit_code.hpp"

#include <cstdio>

namespace feedcast::app {

dlq_selection select_targets(const dlq_options& options) {
  dlq_selection s;
  s.loaded = load_configuration(options.configuration);
  print_diagnostics(s.loaded);
  if (!s.loaded.ok()) {
    s.code = exit_configuration;
    return s;
  }
  const auto& targets = s.loaded.config->targets;
  if (!options.target.empty() && !targets.contains(options.target)) {
    std::fprintf(stderr, "error: there is no target \"%s\" in the configuration\n",
                 options.target.c_str());
    s.code = exit_usage;
    return s;
  }
  for (const auto& [name, target] : targets)
    if (target.dead_letter && (options.target.empty() || options.target == name))
      s.targets.push_back(name);
  if (s.targets.empty()) {
    std::fprintf(stderr,
                 "error: %s keeps no dead letters. hint: add `dead_letter: {topic: NAME}` "
                 "or `{file: PATH}` to a target\n",
                 options.target.empty() ? "no target" : ("target " + options.target).c_str());
    s.code = exit_configuration;
  }
  return s;
}

bool read_all(dlq_selection& selection, const std::function<void(found_dead_letter)>& visit) {
  for (const auto& target : selection.targets) {
    const auto reading = read_dead_letters(*selection.loaded.config, target, visit);
    if (!reading) {
      std::fprintf(stderr, "error: target %s: %s\n", target.c_str(),
                   reading.error().detail.c_str());
      selection.code = exit_code_of(reading.error().code);
      return false;
    }
    selection.unreadable += reading->unreadable;
  }
  return true;
}

} // namespace feedcast::app
