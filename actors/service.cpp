#include "actors/service.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace feedcast {

service_actor::behavior_type service_state::init(service_arguments args) {
  args_ = std::move(args);
  targets_ = std::make_unique<supervisor>(supervisor::hooks{
      .self = self_,
      .path = "",
      .children = metrics::actor_kind::target,
      .watch = args_.watch,
      .restarts = args_.restarts,
      .schedule =
          [this](milliseconds delay, const std::string& child, std::uint64_t generation) {
            self_->delayed_send(self_, delay, restart_atom_v, child, generation);
          },
      .give_up = nullptr});
  self_->set_down_handler([this](caf::down_msg& d) { on_down(d); });
  for (std::size_t i = 0; i < args_.targets.size(); ++i)
    start_target(i);
  return {
      [this](restart_atom, const std::string& child, std::uint64_t generation) {
        if (!draining_)
          targets_->on_restart(child, generation);
      },
      [this](renew_atom, const std::string& target) { on_renew(target); },
      [this](drain_atom) { on_drain(); },
  };
}

void service_state::start_target(std::size_t index) {
  targets_->add("target " + args_.targets[index].target, [this, index] {
    return caf::actor_cast<caf::actor>(self_->spawn(target, args_.targets[index]));
  });
}

/// Ends the target as a failure would, and it comes back as after one: from its settled positions.
void service_state::on_renew(const std::string& target) {
  if (draining_)
    return;
  bool running = false;
  targets_->for_each_running([&](const std::string& child, const caf::actor& t) {
    if (child != "target " + target)
      return;
    running = true;
    self_->send_exit(t, exit_because(actor_exit::requested, "a restart was asked for"));
  });
  for (std::size_t i = 0; !running && i < args_.targets.size(); ++i)
    if (args_.targets[i].target == target)
      start_target(i); // it waits for its next try: that is now
}

void service_state::on_down(const caf::down_msg& down) {
  const auto ended = targets_->on_down(down);
  if (!ended)
    return;
  // A target that fails while it drains is not started again: what it held is read again by the
  // next run.
  if (!draining_)
    return targets_->restart(ended->name, ended->reason);
  if (!targets_->any_running())
    self_->quit();
}

void service_state::on_drain() {
  draining_ = true;
  targets_->for_each_running([this](const std::string&, const caf::actor& t) {
    self_->send(caf::actor_cast<target_actor>(t), drain_atom_v);
  });
  if (!targets_->any_running())
    self_->quit();
}

service_actor::behavior_type service(service_actor::stateful_pointer<service_state> self,
                                     service_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
