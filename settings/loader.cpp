#include "settings/loader.hpp"

#include "settings/checks.hpp"
#include "settings/complete.hpp"
#include "settings/drop_in.hpp"
#include "settings/overrides.hpp"
#include "settings/profile.hpp"
#include "settings/reader.hpp"
#include "settings/substitute.hpp"
#include "settings/yaml.hpp"

#include <unistd.h>
#include <utility>

namespace feedcast::settings {

namespace {

/// All files laid over each other; empty if none could be read.
node read_files(const load_request& request, diagnostic_list& complaints) {
  auto merged = empty_map({});
  for (const auto& file : request.files) {
    if (const auto tree = read_yaml_file(file, complaints)) {
      merge(merged, *tree);
      if (merged.at.name.empty())
        merged.at = tree->at;
    }
  }
  return merged;
}

} // namespace

load_outcome load(const load_request& request) {
  load_outcome outcome;
  diagnostic_list complaints;
  auto& tree = outcome.effective;
  auto profile = profile_layer(request.profile, complaints);
  const auto files = read_files(request, complaints);
  const auto sets = command_line_layer(request.sets, complaints);
  if (complaints.has_errors()) {
    // What could not be read would only cause complaints about things that are there.
    outcome.diagnostics = complaints.take();
    return outcome;
  }

  tree = std::move(*profile);
  tree.at = files.at;
  {
    // Whether the variables of the replaced service count depends on what all other layers say.
    auto others = files;
    diagnostic_list reported_below;
    merge(others, environment_layer(request.environment, files, reported_below));
    merge(others, sets);
    merge(tree,
          drop_in_layer(request.environment, {files, others, !request.files.empty()}, complaints));
  }
  if (complaints.has_errors()) {
    outcome.diagnostics = complaints.take();
    return outcome;
  }
  merge(tree, files);
  merge(tree, environment_layer(request.environment, tree, complaints));
  merge(tree, sets);
  substitute(tree, request.environment, complaints);

  service_config config;
  read_context context{request.environment, complaints};
  read_block(&tree, {}, tree.at, context, config,
             [](reader& r, service_config& c) { describe(r, c); });
  complete(config, tree, request.environment);
  check(config, tree, complaints);
  if (!complaints.has_errors())
    outcome.config = std::move(config);
  outcome.diagnostics = complaints.take();
  return outcome;
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (auto** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text{*entry};
    if (const auto equals = text.find('='); equals != std::string::npos)
      variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

} // namespace feedcast::settings
