#include "metrics/health_board.hpp"

#include <utility>

namespace feedcast::metrics {

void health_board::put_actor(std::string_view path, actor_health h) {
  const std::lock_guard lock{mutex_};
  state_.actors.insert_or_assign(std::string{path}, std::move(h));
}

void health_board::drop_actor(std::string_view path) {
  const std::lock_guard lock{mutex_};
  state_.actors.erase(std::string{path});
}

void health_board::put_target(std::string_view target, target_health h) {
  const std::lock_guard lock{mutex_};
  state_.targets.insert_or_assign(std::string{target}, std::move(h));
  state_.beats.insert_or_assign(std::string{target}, std::chrono::steady_clock::now());
}

void health_board::put_processor(const processor_key& key, processor_health h) {
  const std::lock_guard lock{mutex_};
  auto& p = state_.processors[key];
  p.summary = std::move(h);
  p.beat = std::chrono::steady_clock::now();
}

void health_board::put_range(const processor_key& key, std::string_view range, range_health h) {
  const std::lock_guard lock{mutex_};
  state_.processors[key].ranges.insert_or_assign(std::string{range}, std::move(h));
}

void health_board::drop_range(const processor_key& key, std::string_view range) {
  const std::lock_guard lock{mutex_};
  if (const auto known = state_.processors.find(key); known != state_.processors.end())
    known->second.ranges.erase(std::string{range});
}

health_snapshot health_board::snapshot() const {
  const std::lock_guard lock{mutex_};
  return state_;
}

} // namespace feedcast::metrics
