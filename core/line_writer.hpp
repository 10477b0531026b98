#pragma once

#include <mutex>
#include <string_view>

namespace feedcast::log {

/// Writes whole lines to a file descriptor and never waits for its reader: what a full pipe, a
/// stopped terminal or a full disk won't take is given up, since whoever logs has changes to
/// deliver. Owned by the log; the descriptor outlives it. Thread-safe.
class line_writer {
 public:
  explicit line_writer(int fd) noexcept : fd_(fd) {}

  /// Appends the newline. False if the line, or a part of it, was given up.
  bool put(std::string_view line);

 private:
  bool put_some(std::string_view text);

  std::mutex mutex_;
  int fd_;
  bool torn_ = false; ///< the last line lacks its end
};

} // namespace feedcast::log
