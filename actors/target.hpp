#pragma once

#include "actors/collection.hpp"
#include "actors/delivery.hpp"
#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <string>
#include <vector>

namespace feedcast {

struct target_arguments {
  std::string target;
  delivery_arguments delivery;
  std::vector<collection_arguments> collections; ///< their `delivery` is filled in here
  observers watch;
  restart_options restarts;
};

/// Supervises the delivery and the collections of one target. A new delivery is announced to the
/// collections.
class target_state {
 public:
  static constexpr const char* name = "target";

  explicit target_state(target_actor::pointer self) : self_(self) {}

  target_actor::behavior_type init(target_arguments args);

 private:
  void on_down(const caf::down_msg& down);
  void on_drain();
  void end_if_drained();
  caf::actor spawn_delivery();
  caf::actor spawn_collection(std::size_t index);
  supervisor::hooks hooks(metrics::actor_kind children);

  target_actor::pointer self_;
  target_arguments args_;
  delivery_actor current_; ///< null while it is down
  std::unique_ptr<supervisor> delivery_;
  std::unique_ptr<supervisor> collections_;
  bool draining_ = false;
};

target_actor::behavior_type target(target_actor::stateful_pointer<target_state> self,
                                   target_arguments args);

} // namespace feedcast
