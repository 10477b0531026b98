#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "pipeline/feed.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace feedcast {

struct unit_share_options {
  double share = 0;    ///< of what the database provides, 0 to 1; 0 = no limit
  double declared = 0; ///< request units a second of the whole feed, if it can't be read; 0 = none
};

/// The share of a feed's throughput that one processor may spend on reading: what it is a share of,
/// when to ask for that again, and what each reader gets. Pure: the caller passes the time in. One
/// owner; not thread-safe.
class unit_share {
 public:
  explicit unit_share(unit_share_options options = {}) : options_(options) {}

  /// True if the database has to be asked now; the question counts as asked.
  bool due(steady_time now);

  enum class news : std::uint8_t {
    none,
    known,      ///< for the first time, or another figure than before
    unreadable, ///< for the first time; `why` says why
  };

  /// An answer. A failure that may pass leaves what was known, and is asked again soon.
  news learn(const result<feed_throughput>& answer, steady_time now);

  /// Request units a second for each of the readers (all instances', at least one a range); nullopt
  /// = there is no limit, or none is known.
  std::optional<double> per_reader(std::size_t readers) const;

  /// For people: what the limit is a share of, or why there is none.
  std::string why() const;

 private:
  const unit_share_options options_;
  std::optional<feed_throughput> known_;
  std::string unreadable_; ///< why; empty while it is known, or not yet
  steady_time next_{};
};

} // namespace feedcast
