#pragma once

#include "core/result.hpp"
#include "settings/service_config.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// What the ids of a processor's documents say after the host: the names of the monitored database
/// and collection (Java's leases of ranges, and ours), or their `_rid`s (.NET, and Java's leases of
/// key spans).
enum class stem_kind : std::uint8_t { names, rids };

/// "names", "rids".
std::string_view to_string(stem_kind kind) noexcept;

/// The ids of one processor's documents in a lease container, as the official change feed
/// processors write them: stem = prefix, host, "_", database, "_", collection; then "..TOKEN",
/// ".info" or ".lock".
class lease_ids {
 public:
  /// `host`, `database`, `collection` (names, or `_rid`s) are those of the feed, not of the lease
  /// container; `host` without port. `rejected` if an id made of them would be none: too long,
  /// forbidden characters, not ASCII. `mode` is no part of the ids, but of what they name: the
  /// documents of a processor of the other mode under the same ids are not to be read.
  static result<lease_ids> make(std::string_view prefix, std::string_view host,
                                std::string_view database, std::string_view collection,
                                settings::feed_mode mode = settings::feed_mode::latest);

  settings::feed_mode mode() const noexcept { return mode_; }

  const std::string& stem() const noexcept { return stem_; }

  std::string lease(std::string_view range_id) const {
    return stem_ + ".." + std::string{range_id};
  }

  /// What the ids of all leases start with.
  std::string lease_prefix() const { return stem_ + ".."; }

  std::string marker() const { return stem_ + ".info"; }

  std::string lock() const { return stem_ + ".lock"; }

 private:
  lease_ids(std::string stem, settings::feed_mode mode) : stem_{std::move(stem)}, mode_{mode} {}

  std::string stem_;
  settings::feed_mode mode_;
};

} // namespace feedcast::cosmos
