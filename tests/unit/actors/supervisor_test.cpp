// The supervisor by itself, held by an actor that does nothing else.
#include "tests/support/actor_fixture.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <stdexcept>

namespace feedcast::testing {
namespace {

struct parent_state {
  std::unique_ptr<supervisor> children;
  std::vector<std::pair<std::string, std::uint64_t>> timers; ///< what was scheduled
};

using parent_actor = caf::stateful_actor<parent_state>;

caf::behavior idle_child(caf::event_based_actor* self) {
  return {[self](poll_atom) { self->quit(); }};
}

struct supervised : ::testing::Test {
  struct config : caf::actor_system_config {
    config() { set("scheduler.policy", caf::atom("testing")); }
  };

  supervised() {
    log::configure(log::level::off, log::format::logfmt);
    sched.clock().current_time += 1h;
    parent = system.spawn([this](parent_actor* self) -> caf::behavior {
      const auto schedule = [self](milliseconds, const std::string& name, std::uint64_t g) {
        self->state.timers.emplace_back(name, g);
      };
      self->state.children = std::make_unique<supervisor>(
          supervisor::hooks{.self = self,
                            .path = "parent",
                            .children = metrics::actor_kind::partition,
                            .watch = {&health, &probe, &system_clock_source()},
                            .restarts = {},
                            .schedule = schedule,
                            .give_up = nullptr});
      self->set_down_handler([self](caf::down_msg& d) { self->state.children->on_down(d); });
      return {[](poll_atom) {}};
    });
    sched.run();
  }

  ~supervised() override {
    caf::anon_send_exit(parent, caf::exit_reason::kill);
    parent = nullptr;
    last = nullptr;
    sched.run();
    EXPECT_EQ(system.registry().running(), 0U);
  }

  /// The coordinator has one thread, so the state may be looked at and used from here.
  parent_state& state() {
    return dynamic_cast<parent_actor&>(*caf::actor_cast<caf::abstract_actor*>(parent)).state;
  }

  supervisor& children() { return *state().children; }

  supervisor::factory make_child() {
    return [this] { return last = system.spawn(idle_child); };
  }

  static supervisor::factory broken() {
    return []() -> caf::actor { throw std::runtime_error("can't be made"); };
  }

  metrics::registry registry;
  metrics::service_probe probe{registry, {}};
  metrics::health_board health;
  config config_;
  caf::actor_system system{config_};
  caf::scheduler::test_coordinator& sched =
      dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  caf::actor parent;
  caf::actor last;
};

TEST_F(supervised, late_news_of_a_predecessors_end_does_not_touch_its_successor) {
  children().add("x", make_child());
  caf::anon_send(last, poll_atom_v);
  sched.run_once(); // the child ends; its parent has not heard of it
  children().add("x", make_child());
  sched.run();
  int running = 0;
  children().for_each_running([&](const std::string&, const caf::actor& a) {
    EXPECT_EQ(a, last);
    ++running;
  });
  EXPECT_EQ(running, 1);
}

TEST_F(supervised, timer_of_a_removed_child_does_not_start_its_successor_early) {
  children().add("x", broken());
  const auto stale = state().timers.back().second;
  children().remove("x");
  children().add("x", broken());
  const auto attempts = state().timers.size();
  children().on_restart("x", stale);
  EXPECT_EQ(state().timers.size(), attempts);
  children().on_restart("x", state().timers.back().second);
  EXPECT_EQ(state().timers.size(), attempts + 1);
}

TEST_F(supervised, child_that_says_nothing_is_replaced_without_waiting_for_its_end) {
  children().add("x", make_child());
  const auto stuck = last;
  children().replace("x", exit_because(actor_exit::wedged, "no sign of life"));
  EXPECT_FALSE(children().any_running());
  children().on_restart("x", state().timers.back().second);
  EXPECT_NE(last, stuck);
  EXPECT_TRUE(children().any_running());
  sched.run(); // the stuck one gets to its end at last; nobody mistakes it for its successor
  EXPECT_TRUE(children().any_running());
  EXPECT_EQ(
      probe.restarts(metrics::actor_kind::partition, metrics::restart_reason::stalled).value(), 1);
}

TEST_F(supervised, child_that_is_removed_is_stopped_and_not_shown) {
  children().add("x", make_child());
  EXPECT_TRUE(health.snapshot().actors.contains("parent / x"));
  children().remove("x");
  sched.run();
  EXPECT_EQ(system.registry().running(), 1U) << "the parent alone";
  EXPECT_FALSE(health.snapshot().actors.contains("parent / x"));
  EXPECT_FALSE(children().any_running());
}

} // namespace
} // namespace feedcast::testing
