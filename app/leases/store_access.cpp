#include "app/leases/store_access.hpp"

#include <algorithm>
#include <thread>

namespace feedcast::app {

store_access::store_access(std::shared_ptr<lease_store> store, milliseconds patience)
    : store_(std::move(store)), patience_(patience) {}

template <class T, class Call>
result<T> store_access::ask(Call call) {
  const auto end = std::chrono::steady_clock::now() + patience_;
  const auto left = [&] {
    return std::chrono::duration_cast<milliseconds>(end - std::chrono::steady_clock::now());
  };
  for (;;) {
    auto answer = wait_for<T>(std::max(left(), milliseconds{1}), call);
    if (answer || answer.error().code != errc::throttled)
      return answer;
    const auto pause = std::max(answer.error().retry_after, milliseconds{10});
    if (pause >= left())
      return answer;
    std::this_thread::sleep_for(pause);
  }
}

result<lease_store_state> store_access::open() {
  return ask<lease_store_state>([&](auto done) { store_->open(std::move(done)); });
}

result<lease_listing> store_access::list() {
  return ask<lease_listing>([&](auto done) { store_->list(std::move(done)); });
}

result<milliseconds> store_access::lock() {
  return ask<milliseconds>([&](auto done) { store_->lock(std::move(done)); });
}

result<bool> store_access::unlock() {
  return ask<bool>([&](auto done) { store_->unlock(std::move(done)); });
}

result<lease> store_access::create(const lease& l) {
  return ask<lease>([&](auto done) { store_->create(l, std::move(done)); });
}

result<lease> store_access::replace(const lease& l) {
  return ask<lease>([&](auto done) { store_->replace(l, std::move(done)); });
}

result<bool> store_access::mark_initialised(wall_time started_at) {
  return ask<bool>([&](auto done) { store_->mark_initialised(started_at, std::move(done)); });
}

} // namespace feedcast::app
