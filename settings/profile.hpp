#pragma once

#include "settings/diagnostic.hpp"
#include "settings/node.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace feedcast::settings {

/// A file of configs/profiles, built into the binary.
struct built_in_profile {
  std::string_view name;
  std::string_view yaml;
};

std::span<const built_in_profile> built_in_profiles() noexcept;

/// The layer of one profile; "" is `balanced`. A profile holds `tuning:` and nothing else.
std::optional<node> profile_layer(std::string_view name, diagnostic_list& complaints);

} // namespace feedcast::settings
