#pragma once

#include <cstdint>
#include <string>

namespace feedcast::settings {

/// Which layer a value came from, and where in it.
struct origin {
  enum class layer : std::uint8_t { defaults, profile, file, environment, command_line };

  layer from = layer::defaults;
  std::string name; ///< the file, the profile, the variable; "drop-in" for defaults of that mode
  std::uint32_t line = 0;   ///< 1-based; 0 where there are no lines
  std::uint32_t column = 0; ///< 1-based
};

/// "configs/x.yaml:12:5", "environment FEEDCAST_INSTANCE", "--set", "profile low-latency",
/// "default"
std::string to_string(const origin& at);

} // namespace feedcast::settings
