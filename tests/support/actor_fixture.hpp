#pragma once

#include "actors/service.hpp"
#include "core/log.hpp"
#include "metrics/registry.hpp"
#include "tests/support/fake_lease_store.hpp"
#include "tests/support/fake_sink.hpp"
#include "tests/support/fake_source.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::testing {

using namespace std::chrono_literals;

/// Shows the virtual time of CAF's test clock.
class virtual_clock final : public clock_source {
 public:
  void follow(const caf::detail::test_actor_clock& time) { time_ = &time; }

  steady_time steady() const override { return time_->current_time; }

  wall_time wall() const override {
    return wall_time{std::chrono::seconds{1'767'225'600}}
           + std::chrono::duration_cast<wall_time::duration>(steady().time_since_epoch());
  }

 private:
  const caf::detail::test_actor_clock* time_ = nullptr;
};

/// A whole service with one target and one feed, on fakes, without threads and under virtual time.
/// Nothing runs but in `run`, `pass` and their friends.
class actor_world {
 public:
  explicit actor_world(start_at from = start_at::beginning) : truth(from) {
    log::configure(log::level::off, log::format::logfmt);
    sched_.clock().current_time += 1h; // now() must not be near zero
    clock.follow(sched_.clock());
    leases.now = [this] { return clock.wall(); };
    if (from == start_at::beginning)
      options.leases.start.from = settings::start_kind::beginning;
    options.leases.instance = "me";
    options.leases.boot = "1767225600000-00000001";
    options.partition.target = "eu";
    options.partition.feed = "whisks";
    options.partition.stages.filter.own_cluster = "own";
    options.restarts = restarts;
  }

  actor_world(const actor_world&) = delete;
  actor_world& operator=(const actor_world&) = delete;

  ~actor_world() { // a living actor would make ~actor_system wait for ever
    kill();
    EXPECT_EQ(system_.registry().running(), 0U) << "actors outlived their root";
    EXPECT_FALSE(kafka.alive) << "the sink outlived its delivery";
    EXPECT_FALSE(dead.alive) << "the dead letters' sink outlived its delivery";
  }

  /// The target keeps its dead letters. Before `start`.
  void keep_dead_letters() {
    truth.keeps_dead_letters = true;
    options.partition.stages.dead_letters = form();
  }

  /// Starts the service and lets it go as far as it gets without time passing.
  void start() {
    collection_arguments c;
    c.options = options;
    c.open_source = [this]() -> std::shared_ptr<change_source> {
      if (open_source)
        return open_source();
      return std::make_shared<fake_source>(feed);
    };
    c.open_leases = [this]() -> std::shared_ptr<lease_store> {
      if (open_leases)
        return open_leases();
      if (before_open_leases)
        before_open_leases();
      return std::make_shared<fake_lease_store>(leases);
    };
    c.shares = shares;
    c.on_twin = [this](const std::string& why) { twin = why; };
    c.probe = &probe;
    c.watch = watch();
    target_arguments t;
    t.target = "eu";
    t.delivery = {.target = "eu",
                  .open_sink = [this] { return std::make_unique<fake_sink>(kafka); },
                  .probe = &target_probe,
                  .watch = watch()};
    if (truth.keeps_dead_letters) {
      t.delivery.open_dead_letters = [this] { return std::make_unique<fake_sink>(dead); };
      t.delivery.dead_letter = form();
    }
    t.collections.push_back(std::move(c));
    t.watch = watch();
    t.restarts = restarts;
    service_arguments s{{std::move(t)}, watch(), restarts};
    root_ = system_.spawn(service, std::move(s));
    ended.reset();
    caf::actor_cast<caf::abstract_actor*>(root_)->attach_functor(
        [this](const caf::error& why) { ended = why; });
    run();
  }

  void drain() {
    caf::anon_send(root_, drain_atom_v);
    run();
  }

  /// Asks for a target's restart, as the admin server does.
  void renew(const std::string& target) {
    caf::anon_send(root_, renew_atom_v, target);
    run();
  }

  void kill() {
    if (root_)
      caf::anon_send_exit(root_, caf::exit_reason::kill);
    root_ = nullptr;
    run();
  }

  /// Handles every message there is.
  void run() {
    while (sched_.has_job())
      step();
  }

  /// Handles one message of one actor: the next in turn, or of any that has one if a seed was set.
  void step() {
    if (random)
      std::swap(sched_.jobs.front(), sched_.jobs[(*random)() % sched_.jobs.size()]);
    sched_.run_once();
  }

  bool busy() const { return sched_.has_job(); }

  /// Lets time pass in steps, as timers that set new timers need it.
  void pass(milliseconds time, milliseconds stride = 10ms) {
    for (; time.count() > 0; time -= stride) {
      sched_.advance_time(std::min(time, stride));
      run();
    }
  }

  /// Lets time pass until `reached`, at most `limit`.
  bool pass_until(const std::function<bool()>& reached, milliseconds limit = 60s) {
    for (milliseconds spent{0}; !reached() && spent < limit; spent += 10ms)
      pass(10ms);
    return reached();
  }

  bool settle(milliseconds limit = 120s) {
    return pass_until([this] { return truth.missing().empty(); }, limit);
  }

  std::size_t stored(const std::string& range) const {
    const auto at = leases.leases.find(range);
    return at == leases.leases.end() ? 0 : ledger::index(at->second.continuation);
  }

  double change_outcomes() const {
    double sum = 0;
    for (std::size_t i = 0; i < metrics::by_label<metrics::change_outcome, metrics::counter>::size;
         ++i)
      sum += changes(static_cast<metrics::change_outcome>(i));
    return sum;
  }

  double changes(metrics::change_outcome o) const { return probe.changes[o].value(); }

  double restarted(metrics::actor_kind kind, metrics::restart_reason why) const {
    return service_probe.restarts(kind, why).value();
  }

  observers watch() { return {&health, &service_probe, &clock}; }

  steady_time now() const { return clock.steady(); }

  ledger truth;
  feed_script feed{truth};
  fake_broker kafka{truth};
  fake_broker dead{truth, true};
  lease_table leases{truth};
  std::function<void()> before_open_leases;                    ///< may throw
  std::function<std::shared_ptr<change_source>()> open_source; ///< instead of `feed`
  std::function<std::shared_ptr<lease_store>()> open_leases;   ///< instead of `leases`
  collection_options options;
  std::shared_ptr<balancer> shares = std::make_shared<balancer>("me", 1);
  std::string twin; ///< why the process would have to end
  restart_options restarts{.delay = {.first = 100ms, .cap = 30s, .factor = 2, .jitter = 0}};
  virtual_clock clock;
  metrics::registry registry;
  metrics::processor_probe probe{registry, "eu", "whisks"};
  metrics::target_probe target_probe{registry, "eu"};
  metrics::service_probe service_probe{registry, {}};
  metrics::health_board health;
  std::optional<std::mt19937_64> random; ///< set: messages are handled in a random order
  std::optional<caf::error> ended;       ///< why the root ended

 private:
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  static dead_letter_form form() {
    return {.target = "eu", .fingerprint = [](std::string_view bytes) {
              return "hash-" + std::to_string(bytes.size());
            }};
  }

  config config_;
  caf::actor_system system_{config_};
  caf::scheduler::test_coordinator& sched_ =
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  service_actor root_;
};

} // namespace feedcast::testing
