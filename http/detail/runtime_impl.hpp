#pragma once

#include "http/detail/net.hpp"
#include "http/runtime.hpp"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace feedcast::http {

/// One io_context per thread: whatever lives on one context needs neither a lock nor a strand.
struct runtime::impl {
  explicit impl(unsigned threads);
  ~impl();
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;

  /// The contexts in turn. Thread-safe.
  detail::executor next() noexcept;

 private:
  /// shutdown() is protected in Asio; the destructor of `impl` needs it.
  struct worker : boost::asio::io_context {
    worker() : io_context(1) {}

    using io_context::shutdown;
  };

  std::vector<std::unique_ptr<worker>> contexts_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> turn_{0};
};

} // namespace feedcast::http
