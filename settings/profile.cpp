#include "settings/profile.hpp"

#include "settings/yaml.hpp"

#include <string>
#include <vector>

namespace feedcast::settings {

std::optional<node> profile_layer(std::string_view name, diagnostic_list& complaints) {
  if (name.empty())
    name = "balanced";
  std::vector<std::string> names;
  for (const auto& profile : built_in_profiles()) {
    const origin at{origin::layer::profile, std::string{name}};
    if (profile.name != name) {
      names.emplace_back(profile.name);
      continue;
    }
    auto tree = parse_yaml(profile.yaml, at, complaints);
    if (tree && (tree->children.size() != 1 || tree->find("tuning") == nullptr)) {
      complaints.error(at, {}, "a profile may hold `tuning:` only");
      return std::nullopt;
    }
    return tree;
  }
  auto hint = did_you_mean(name, names);
  complaints.error({origin::layer::profile, std::string{name}}, {}, "there is no such profile",
                   hint.empty() ? one_of_text(names) : std::move(hint));
  return std::nullopt;
}

} // namespace feedcast::settings
