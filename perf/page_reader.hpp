#pragma once

#include "http/detail/stream.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::perf {

/// A feed as it has to be read: anything else is an error, so that no figure can come from it.
struct feed_outline {
  struct page {
    std::string after; ///< continuation that leads to it; empty = the beginning
    std::size_t bytes = 0;
  };

  std::string request;       ///< head of every request, but its If-None-Match and the empty line
  std::size_t documents = 0; ///< of every page
  std::vector<page> pages;   ///< after the last one, the first one comes again
};

struct totals {
  std::uint64_t pages = 0;
  std::uint64_t bytes = 0; ///< of bodies
};

/// One connection that reads change feed pages, one after the other, and does as little as it can
/// with them. Owned by its measurement; used on the thread that runs its io_context. Failures are
/// exceptions.
class page_reader {
 public:
  /// Connects to loopback. `tls`: null = plain http; it and `feed` outlive the reader.
  page_reader(boost::asio::io_context& io, std::uint16_t port, http::detail::tls_context* tls,
              const feed_outline& feed);

  /// The next page to read is that one of the outline.
  void go_to(std::size_t page);
  /// Reads pages until that moment; what was begun is finished. Adds to `sum` while `io` runs.
  void read_until(std::chrono::steady_clock::time_point end, totals& sum);
  /// Reads one page from `continuation` on, whatever its size; it stays where it is. Runs `io`.
  void read_one(std::string_view continuation);

  std::string_view answer() const noexcept; ///< the last one, head and body
  std::string_view body() const noexcept;

  const std::string& etag() const noexcept { return etag_; }

 private:
  http::detail::task<void> read_pages(std::chrono::steady_clock::time_point end, totals& sum);
  http::detail::task<void> read_page();
  http::detail::task<void> ensure_secure();
  http::detail::task<void> receive_some();
  std::string_view field(std::string_view name) const;
  void spawn(http::detail::task<void> work);

  boost::asio::io_context& io_;
  http::detail::tls_context* tls_;
  const feed_outline& feed_;
  http::detail::stream stream_;
  std::string request_;
  std::string etag_; ///< where to go on
  std::size_t next_ = 0;
  std::vector<char> input_;
  std::size_t received_ = 0; ///< of the answer
  std::size_t head_ = 0;     ///< size of its head
};

} // namespace feedcast::perf
