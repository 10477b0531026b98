#include "sinks/kafka/culprit_search.hpp"

#include <utility>

namespace feedcast::kafka {

void culprit_search::add(group refused) {
  if (!refused.empty())
    waiting_.push_back(std::move(refused));
}

const culprit_search::group& culprit_search::start() {
  current_.clear();
  if (!waiting_.empty()) {
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
  }
  in_flight_ = current_.size();
  return current_;
}

culprit_search::verdict culprit_search::report(slot_id slot, bool refused) {
  --in_flight_;
  auto result = verdict::settled;
  if (refused) {
    result = current_.size() == 1 ? verdict::guilty : verdict::undecided;
    if (result == verdict::undecided)
      refused_.push_back(slot);
  }
  if (in_flight_ == 0 && !refused_.empty())
    split(std::exchange(refused_, {}));
  return result;
}

void culprit_search::split(group refused) {
  const auto middle =
      refused.begin() + static_cast<group::difference_type>((refused.size() + 1) / 2);
  group second(middle, refused.end());
  refused.erase(middle, refused.end());
  // At the front: fewer groups wait at a time than if each level were finished first.
  if (!second.empty())
    waiting_.push_front(std::move(second));
  waiting_.push_front(std::move(refused));
}

culprit_search::group culprit_search::abandon() {
  group idle = std::exchange(refused_, {});
  for (const auto& g : waiting_)
    idle.insert(idle.end(), g.begin(), g.end());
  waiting_.clear();
  current_.clear();
  in_flight_ = 0;
  return idle;
}

} // namespace feedcast::kafka
