#include "tests/consumers/stage.hpp"

#include <algorithm>

namespace feedcast::consumers {

using namespace std::chrono_literals;

namespace {

constexpr auto day = 24h;

} // namespace

stage::config::config() {
  set("scheduler.policy", caf::atom("testing"));
}

stage::stage()
    : system_(config_)
    , actors_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  for (std::size_t i = 0; i < cluster_count; ++i) {
    processors_[i] =
        std::make_unique<metrics::processor_probe>(registry_, cluster_ids[i], "whisks");
    targets_[i] = std::make_unique<metrics::target_probe>(registry_, cluster_ids[i]);
  }
  clear();
}

wall_time stage::wall() const {
  return wall_time{std::chrono::seconds{1'767'225'600}}
         + std::chrono::duration_cast<wall_time::duration>(steady() - began_);
}

moment stage::now() const {
  return std::chrono::duration_cast<milliseconds>(steady() - began_).count();
}

void stage::run() {
  while (actors_.has_job())
    actors_.run_once();
}

void stage::run_until(moment until) {
  const auto end = began_ + milliseconds{until};
  while (steady() < end) {
    auto next = end;
    if (const auto planned = agenda_.next())
      next = std::min(next, began_ + milliseconds{*planned});
    if (const auto& timers = actors_.clock().schedule(); !timers.empty())
      next = std::min(next, timers.begin()->first);
    actors_.clock().advance_time(std::max(next, steady()) - steady());
    run();
    while (agenda_.next().value_or(until + 1) <= now()) {
      agenda_.take()();
      run();
    }
  }
}

void stage::clear() {
  agenda_.clear();
  while (actors_.clock().has_pending_timeout()) {
    actors_.clock().trigger_timeouts();
    run();
  }
  health_ = std::make_unique<metrics::health_board>();
  began_ = steady_time{std::chrono::ceil<std::chrono::days>(steady().time_since_epoch())} + day;
  actors_.clock().current_time = began_;
}

} // namespace feedcast::consumers
