#pragma once

#include "emulator/offer.hpp"
#include "emulator/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

inline constexpr std::uint32_t max_ranges = 1000;

/// How long an account keeps former versions unless told otherwise; seconds.
inline constexpr std::int64_t default_change_retention = std::int64_t{7} * 24 * 60 * 60;

/// What a container is made of.
struct container_spec {
  std::string name;
  std::string key_path = "/id";
  std::vector<std::string> key_names = {"id"}; ///< key_path, split
  std::uint32_t ranges = 1;
  std::optional<std::int64_t>
      default_ttl; ///< absent = documents never expire; -1 = only those that say so
  offer throughput;
  std::uint32_t offer_number = 0; ///< given by the store
  /// How far back the feed of all versions and deletes goes; seconds, 0 = there is none. The
  /// account's value, then that of the container's `changeFeedPolicy`.
  std::int64_t account_retention = default_change_retention;
  std::optional<std::int64_t> own_retention;
  /// The definition as it is echoed: a JSON object up to, and without, its closing brace.
  std::string members;

  std::int64_t change_retention() const noexcept {
    return own_retention.value_or(account_retention);
  }

  /// Only containers that ask for all versions themselves keep the image before each change.
  bool keeps_previous_images() const noexcept { return own_retention.has_value(); }
};

/// From the body of a create or replace request. 400 for what the emulator can't keep: hierarchical
/// keys, a bad name, a bad ttl, a bad changeFeedPolicy.
answer<container_spec> read_container_spec(std::string_view json);

/// For containers that are made without a client. 400 for a bad name, path or number of ranges.
answer<container_spec> make_container_spec(std::string_view name, std::string_view key_path,
                                           std::uint32_t ranges);

/// Names of databases and containers: 1 to 255 bytes, none of / \ ? # and no control characters.
answer<std::string> check_name(std::string_view name);

} // namespace feedcast::emulator
