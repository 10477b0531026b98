#pragma once

#include "core/result.hpp"

#include <chrono>
#include <future>
#include <memory>

namespace feedcast::test {

/// Calls `start` with a callback and waits for its answer: await<lease>([&](auto done) {
/// store.read("0", done); }). `timeout` after ten seconds without one, so that a forgotten answer
/// fails a test instead of hanging it.
template <class T, class Start>
result<T> await(Start start) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  start([promise](result<T> r) { promise->set_value(std::move(r)); });
  if (answer.wait_for(std::chrono::seconds{10}) != std::future_status::ready)
    return make_error(errc::timeout, "the callback was not called");
  return answer.get();
}

} // namespace feedcast::test
