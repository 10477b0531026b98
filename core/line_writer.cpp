#include "core/line_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <poll.h>
#include <string>
#include <unistd.h>

namespace feedcast::log {

namespace {

/// True if PIPE_BUF bytes can be written without waiting. A pipe without a reader is no room:
/// writing to it raises SIGPIPE.
bool has_room(int fd) noexcept {
  pollfd p{fd, POLLOUT, 0};
  return poll(&p, 1, 0) == 1 && (p.revents & POLLOUT) != 0
         && (p.revents & (POLLERR | POLLHUP | POLLNVAL)) == 0;
}

} // namespace

bool line_writer::put(std::string_view line) {
  std::string text;
  text.reserve(line.size() + 2);
  const std::lock_guard lock{mutex_};
  if (torn_)
    text += '\n';
  text += line;
  text += '\n';
  return put_some(text);
}

bool line_writer::put_some(std::string_view text) {
  bool begun = false;
  while (!text.empty()) {
    ssize_t n = 0;
    if (has_room(fd_))
      do
        n = ::write(fd_, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
      while (n < 0 && errno == EINTR);
    if (n <= 0) {
      torn_ = torn_ || begun;
      return false;
    }
    begun = true;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  torn_ = false;
  return true;
}

} // namespace feedcast::log
