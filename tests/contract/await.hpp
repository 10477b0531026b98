#pragma once

#include "core/result.hpp"

#include <chrono>
#include <future>
#include <memory>

namespace feedcast::test {

/// Calls `start` with a callback and waits for its answer: await<lease>([&](auto done) {
/// store.read("0", done); }). `timeout` without one after `patience`, so that a forgotten answer
/// fails a test instead of hanging it.
template <class T, class Start>
result<T> await(Start start, std::chrono::seconds patience = std::chrono::seconds{10}) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  start([promise](result<T> r) { promise->set_value(std::move(r)); });
  if (answer.wait_for(patience) != std::future_status::ready)
    return make_error(errc::timeout, "the callback was not called");
  return answer.get();
}

} // namespace feedcast::test
