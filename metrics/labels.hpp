#pragma once

#include "core/error.hpp"

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

/// The closed label values. Labels never hold document ids, keys, owners or hosts: their number
/// must not grow with the data.
namespace feedcast::metrics {

/// What became of one change. Every change gets exactly one.
enum class change_outcome : std::uint8_t {
  acked,             ///< its own message was acknowledged
  filtered,          ///< dropped by kind, namespace or as a design document
  origin_suppressed, ///< written by the target's own cluster
  coalesced,         ///< covered by another message of the same key, which was acknowledged
  unusable,          ///< can't be delivered, and the target keeps no dead letters
  dead_lettered,     ///< can't be delivered, and is put aside as a dead letter
  abandoned,         ///< in flight when its reader was restarted; it is read again
};

constexpr auto label_values(change_outcome /*tag*/) {
  return std::to_array<std::string_view>({"acked", "filtered", "origin_suppressed", "coalesced",
                                          "unusable", "dead_lettered", "abandoned"});
}

enum class poll_outcome : std::uint8_t { changes, empty, error };

constexpr auto label_values(poll_outcome /*tag*/) {
  return std::to_array<std::string_view>({"changes", "empty", "error"});
}

enum class feed_error_class : std::uint8_t {
  throttled,
  gone,
  timeout,
  auth,
  forbidden,
  not_found,
  too_large,
  server,    ///< answered, but not as it should
  transport, ///< could not be reached, or cut off
  decode,    ///< the answer can't be trusted
};

constexpr auto label_values(feed_error_class /*tag*/) {
  return std::to_array<std::string_view>({"throttled", "gone", "timeout", "auth", "forbidden",
                                          "not_found", "too_large", "server", "transport",
                                          "decode"});
}

feed_error_class classify(errc code) noexcept;

enum class request_op : std::uint8_t { poll, lease_read, lease_list, lease_write };

constexpr auto label_values(request_op /*tag*/) {
  return std::to_array<std::string_view>({"poll", "lease_read", "lease_list", "lease_write"});
}

enum class delivery_stage : std::uint8_t {
  produce, ///< handed to the producer -> acknowledged
  total,   ///< page received -> acknowledged
};

constexpr auto label_values(delivery_stage /*tag*/) {
  return std::to_array<std::string_view>({"produce", "total"});
}

enum class checkpoint_outcome : std::uint8_t { stored, conflict, error };

constexpr auto label_values(checkpoint_outcome /*tag*/) {
  return std::to_array<std::string_view>({"stored", "conflict", "error"});
}

enum class range_state : std::uint8_t { live, catching_up, backoff, draining };

constexpr auto label_values(range_state /*tag*/) {
  return std::to_array<std::string_view>({"live", "catching_up", "backoff", "draining"});
}

enum class lease_state : std::uint8_t { owned, foreign, expired, unowned };

constexpr auto label_values(lease_state /*tag*/) {
  return std::to_array<std::string_view>({"owned", "foreign", "expired", "unowned"});
}

/// Why a lease came or went.
enum class lease_change : std::uint8_t {
  acquired,
  stolen_in,
  stolen_out,
  shutdown,
  split,
};

constexpr auto label_values(lease_change /*tag*/) {
  return std::to_array<std::string_view>(
      {"acquired", "stolen_in", "stolen_out", "shutdown", "split"});
}

enum class unusable_reason : std::uint8_t {
  malformed, ///< the document's JSON is damaged
  no_key,    ///< no id, or one that means no cache key
};

constexpr auto label_values(unusable_reason /*tag*/) {
  return std::to_array<std::string_view>({"malformed", "no_key"});
}

enum class rewind_cause : std::uint8_t { home_is_back, write_region_changed, feed_replaced };

constexpr auto label_values(rewind_cause /*tag*/) {
  return std::to_array<std::string_view>({"home_is_back", "write_region_changed", "feed_replaced"});
}

/// As message_sink::condition::error_class spells them.
enum class target_error_class : std::uint8_t {
  timeout,
  auth,
  acl,
  unknown_topic,
  too_large,
  fatal,
  transport,
  other,
};

constexpr auto label_values(target_error_class /*tag*/) {
  return std::to_array<std::string_view>(
      {"timeout", "auth", "acl", "unknown_topic", "too_large", "fatal", "transport", "other"});
}

/// Anything unknown is `other`.
target_error_class parse_target_error_class(std::string_view text) noexcept;

enum class message_outcome : std::uint8_t { produced, acked, retried, undeliverable };

constexpr auto label_values(message_outcome /*tag*/) {
  return std::to_array<std::string_view>({"produced", "acked", "retried", "undeliverable"});
}

enum class producer_restart : std::uint8_t { fatal, stalled, auth, other };

constexpr auto label_values(producer_restart /*tag*/) {
  return std::to_array<std::string_view>({"fatal", "stalled", "auth", "other"});
}

enum class actor_kind : std::uint8_t { target, delivery, collection, partition };

constexpr auto label_values(actor_kind /*tag*/) {
  return std::to_array<std::string_view>({"target", "delivery", "collection", "partition"});
}

enum class restart_reason : std::uint8_t {
  failure,   ///< it gave up with an error value
  exception, ///< it threw
  stalled,   ///< its supervisor saw no progress
  escalated, ///< its parent restarted the whole subtree
  requested, ///< an operator asked for it
};

constexpr auto label_values(restart_reason /*tag*/) {
  return std::to_array<std::string_view>(
      {"failure", "exception", "stalled", "escalated", "requested"});
}

/// What may make a processor miss deletes. As in pipeline/delete_guard.hpp, in the same order.
enum class guard_finding : std::uint8_t {
  deletes_invisible,
  tombstone_ttl_unknown,
  tombstone_ttl_too_short,
  tombstones_never_expire, ///< no loss
  all_versions_refused,
  retention_unknown,
  retention_too_short,
};

constexpr auto label_values(guard_finding /*tag*/) {
  return std::to_array<std::string_view>({"deletes_invisible", "tombstone_ttl_unknown",
                                          "tombstone_ttl_too_short", "tombstones_never_expire",
                                          "all_versions_refused", "retention_unknown",
                                          "retention_too_short"});
}

template <class Enum>
constexpr std::string_view to_label(Enum value) {
  return label_values(value)[static_cast<std::size_t>(value)];
}

/// One instrument per value of a closed label: `probe.changes[change_outcome::acked].add(n)`.
template <class Enum, class Instrument>
class by_label {
 public:
  static constexpr std::size_t size = label_values(Enum{}).size();

  by_label() = default;

  /// Calls `make(label text)` once per value.
  template <class Make>
  requires std::invocable<Make, std::string_view>

  explicit by_label(Make make) {
    for (std::size_t i = 0; i < size; ++i)
      series_[i] = make(label_values(Enum{})[i]);
  }

  const Instrument& operator[](Enum value) const {
    return series_[static_cast<std::size_t>(value)];
  }

 private:
  std::array<Instrument, size> series_{};
};

} // namespace feedcast::metrics
