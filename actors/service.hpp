#pragma once

#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"
#include "actors/target.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <vector>

namespace feedcast {

struct service_arguments {
  std::vector<target_arguments> targets;
  observers watch;
  restart_options restarts;
};

/// The root. Restarts targets for ever (it degrades, it does not end); ends with reason normal when
/// a drain is complete.
class service_state {
 public:
  static constexpr const char* name = "service";

  explicit service_state(service_actor::pointer self) : self_(self) {}

  service_actor::behavior_type init(service_arguments args);

 private:
  void on_down(const caf::down_msg& down);
  void on_drain();
  void on_renew(const std::string& target);
  void start_target(std::size_t index);

  service_actor::pointer self_;
  service_arguments args_;
  std::unique_ptr<supervisor> targets_;
  bool draining_ = false;
};

service_actor::behavior_type service(service_actor::stateful_pointer<service_state> self,
                                     service_arguments args);

} // namespace feedcast
