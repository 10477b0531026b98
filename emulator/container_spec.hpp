#pragma once

#include "emulator/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

inline constexpr std::uint32_t max_ranges = 1000;

/// What a container is made of.
struct container_spec {
  std::string name;
  std::string key_path = "/id";
  std::vector<std::string> key_names = {"id"}; ///< key_path, split
  std::uint32_t ranges = 1;
  std::optional<std::int64_t>
      default_ttl; ///< absent = documents never expire; -1 = only those that say so
  /// The definition as it is echoed: a JSON object up to, and without, its closing brace.
  std::string members;
};

/// From the body of a create or replace request. 400 for what the emulator can't keep: hierarchical
/// keys, a bad name, a bad ttl.
answer<container_spec> read_container_spec(std::string_view json);

/// For containers that are made without a client. 400 for a bad name, path or number of ranges.
answer<container_spec> make_container_spec(std::string_view name, std::string_view key_path,
                                           std::uint32_t ranges);

/// Names of databases and containers: 1 to 255 bytes, none of / \ ? # and no control characters.
answer<std::string> check_name(std::string_view name);

} // namespace feedcast::emulator
