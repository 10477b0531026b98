#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <future>
#include <memory>
#include <string>
#include <utility>

namespace feedcast::app {

/// Waits for the answer of an asynchronous call. The promise is shared: an answer that comes after
/// the wait was given up must find it alive.
template <class T, class Call>
result<T> wait_for(milliseconds limit, Call call) {
  auto promise = std::make_shared<std::promise<result<T>>>();
  auto answer = promise->get_future();
  call([promise](result<T> r) { promise->set_value(std::move(r)); });
  if (answer.wait_for(limit) != std::future_status::ready)
    return make_error(errc::timeout, "no answer within " + std::to_string(limit.count()) + " ms");
  return answer.get();
}

} // namespace feedcast::app
