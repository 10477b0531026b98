#pragma once

#include "core/clock.hpp"
#include "http/message.hpp"

#include <mutex>
#include <optional>

namespace feedcast::couchdb {

/// What the Date fields of a server's answers tell of its clock. Each one bounds by how much that
/// is ahead: its second began before the answer was here, and ended after the request was sent. The
/// estimate moves no further than into those bounds, so that a slow answer does not spoil it.
/// Thread-safe.
class server_clock {
 public:
  /// `sent` and `came` by this machine's clock. An answer without a date tells nothing.
  void learn(const http::header_list& head, wall_time sent, wall_time came);

  /// Zero while nothing is known.
  milliseconds ahead() const noexcept;

 private:
  mutable std::mutex mutex_;
  std::optional<milliseconds> ahead_;
};

} // namespace feedcast::couchdb
