#include "sinks/kafka/target_condition.hpp"

#include <utility>

namespace feedcast::kafka {

target_condition::target_condition() {
  now_.reason = "not reached yet";
}

void target_condition::acknowledged() {
  recovered();
}

void target_condition::saw_topic() {
  if (what_ == delivery_class::acl || what_ == delivery_class::other
      || what_ == delivery_class::too_large) {
    suspected_ = false;
    return;
  }
  recovered();
}

void target_condition::recovered() {
  suspected_ = false;
  if (now_.up)
    return;
  now_.up = true;
  now_.reason.clear();
  now_.error_class.clear();
  what_ = delivery_class::none;
}

void target_condition::timed_out(std::string reason) {
  if (now_.up || what_ == delivery_class::none)
    failed(delivery_class::timeout, std::move(reason));
  suspected_ = false;
}

void target_condition::failed(delivery_class what, std::string reason) {
  suspected_ = false;
  now_.up = false;
  now_.reason = std::move(reason);
  now_.error_class = to_string(what);
  what_ = what;
}

} // namespace feedcast::kafka
