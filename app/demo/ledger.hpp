#pragma once

#include "core/clock.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace feedcast::app {

/// The demo's proof: who was owed which invalidation, and whether it came. A write is settled by a
/// message of its key that was produced after the write began; later messages of the key settle
/// earlier writes too. Each key is written by one cluster only, so a feed that shows just the
/// newest version hides no obligation. Thread-safe.
class ledger {
 public:
  /// Target name to the cluster whose changes it does not want to hear of.
  explicit ledger(const std::map<std::string, std::string>& clusters);

  /// To be called before the write is sent.
  void write_begins(const std::string& key, std::string_view cluster, wall_time at);
  /// A message was read. `produced_ms` is its record timestamp, Unix milliseconds.
  void message(const std::string& target, const std::string& key, std::int64_t produced_ms,
               wall_time read);

  struct account {
    std::uint64_t own = 0;        ///< writes of the target's own cluster
    std::uint64_t expected = 0;   ///< writes it had to hear of
    std::uint64_t delivered = 0;  ///< messages read
    std::uint64_t duplicates = 0; ///< messages that settled nothing
    std::uint64_t unknown =
        0; ///< messages of keys that were never written, or only by its own cluster
    std::uint64_t open = 0; ///< writes not settled yet; at the end: lost
    double p50_ms =
        0; ///< from the beginning of a write to the reading of the message that settled it
    double p99_ms = 0;
  };

  account of(const std::string& target) const;
  std::uint64_t written() const;
  /// True if nothing is owed to anybody.
  bool settled() const;
  /// Some keys that are owed, for the report of a loss.
  std::vector<std::string> owed(const std::string& target, std::size_t at_most) const;

 private:
  struct obligation {
    std::uint32_t open = 0;
    std::int64_t oldest_ms = 0; ///< beginning of the oldest unsettled write
    std::int64_t newest_ms = 0; ///< beginning of the newest
  };

  struct target_book {
    std::string cluster;
    account sums;
    std::unordered_map<std::string, obligation> keys;
    std::vector<std::uint32_t> latencies; ///< count per millisecond, the last one for all above
  };

  static double percentile(const std::vector<std::uint32_t>& counts, double share);

  mutable std::mutex mutex_;
  std::map<std::string, target_book> targets_;
  std::uint64_t written_ = 0;
};

} // namespace feedcast::app
