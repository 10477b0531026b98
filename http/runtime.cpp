#include "http/runtime.hpp"

#include "core/log.hpp"
#include "http/detail/runtime_impl.hpp"

#include <algorithm>
#include <exception>

namespace feedcast::http {

namespace {

/// Runs until the context is stopped. An exception can only come from a callback of a user of this
/// library; one bad callback must not take all connections of the process with it.
void run(boost::asio::io_context& context) {
  for (;;) {
    try {
      context.run();
      return;
    } catch (const std::exception& e) {
      log::error("an http callback threw", {{"what", e.what()}});
    }
  }
}

} // namespace

runtime::impl::impl(unsigned threads) {
  const auto count = std::max(threads, 1U);
  for (unsigned i = 0; i < count; ++i)
    contexts_.push_back(std::make_unique<worker>());
  for (auto& context : contexts_)
    threads_.emplace_back([&io = *context] {
      const auto work = boost::asio::make_work_guard(io);
      run(io);
    });
}

runtime::impl::~impl() {
  for (auto& context : contexts_)
    context->stop();
  for (auto& thread : threads_)
    thread.join();
  // A waiting handler of one context may own a socket of another one (accept does), so all are
  // emptied before the first is destroyed.
  for (auto& context : contexts_)
    context->shutdown();
}

detail::executor runtime::impl::next() noexcept {
  return contexts_[turn_.fetch_add(1, std::memory_order_relaxed) % contexts_.size()]
      ->get_executor();
}

runtime::runtime(unsigned threads) : impl_(std::make_unique<impl>(threads)) {}

runtime::~runtime() = default;

} // namespace feedcast::http
