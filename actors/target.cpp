#include "actors/target.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <utility>

namespace feedcast {

namespace {

constexpr const char* delivery_name = "delivery";

} // namespace

supervisor::hooks target_state::hooks(metrics::actor_kind children) {
  return {.self = self_,
          .path = "target " + args_.target,
          .children = children,
          .watch = args_.watch,
          .restarts = args_.restarts,
          .schedule =
              [this](milliseconds delay, const std::string& child, std::uint64_t generation) {
                self_->delayed_send(self_, delay, restart_atom_v, child, generation);
              },
          .give_up =
              [this](const std::string& child, const std::string& why) {
                self_->quit(exit_because(actor_exit::escalated, child + ": " + why));
              }};
}

target_actor::behavior_type target_state::init(target_arguments args) {
  args_ = std::move(args);
  delivery_ = std::make_unique<supervisor>(hooks(metrics::actor_kind::delivery));
  collections_ = std::make_unique<supervisor>(hooks(metrics::actor_kind::collection));
  self_->set_down_handler([this](caf::down_msg& d) { on_down(d); });
  delivery_->add(delivery_name, [this] { return spawn_delivery(); });
  for (std::size_t i = 0; i < args_.collections.size(); ++i)
    collections_->add("collection " + args_.collections[i].options.partition.feed,
                      [this, i] { return spawn_collection(i); });
  return {
      [this](restart_atom, const std::string& child, std::uint64_t generation) {
        if (!draining_)
          (child == delivery_name ? delivery_ : collections_)->on_restart(child, generation);
      },
      [this](drain_atom) { on_drain(); },
  };
}

caf::actor target_state::spawn_delivery() {
  current_ = self_->spawn(delivery, args_.delivery);
  collections_->for_each_running([this](const std::string&, const caf::actor& c) {
    self_->send(caf::actor_cast<collection_actor>(c), delivery_atom_v, current_);
  });
  return caf::actor_cast<caf::actor>(current_);
}

caf::actor target_state::spawn_collection(std::size_t index) {
  auto args = args_.collections[index];
  args.delivery = current_;
  return caf::actor_cast<caf::actor>(self_->spawn(collection, std::move(args)));
}

void target_state::on_down(const caf::down_msg& down) {
  if (const auto ended = delivery_->on_down(down)) {
    current_ = nullptr;
    if (!draining_) // the partitions end with it, so a drain needs no other
      delivery_->restart(ended->name, ended->reason);
    return;
  }
  const auto ended = collections_->on_down(down);
  if (!ended)
    return;
  // One that fails while it drains is not started again: what it held is read again by the next
  // run.
  if (draining_)
    return end_if_drained();
  collections_->restart(ended->name, ended->reason);
}

void target_state::on_drain() {
  draining_ = true;
  collections_->for_each_running([this](const std::string&, const caf::actor& c) {
    self_->send(caf::actor_cast<collection_actor>(c), drain_atom_v);
  });
  end_if_drained();
}

void target_state::end_if_drained() {
  // The delivery lives until the last collection has its acknowledgements; its sink goes with this
  // state.
  if (draining_ && !collections_->any_running())
    self_->quit();
}

target_actor::behavior_type target(target_actor::stateful_pointer<target_state> self,
                                   target_arguments args) {
  harden(self);
  return self->state.init(std::move(args));
}

} // namespace feedcast
