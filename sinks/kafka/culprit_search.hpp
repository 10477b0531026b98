#pragma once

#include "sinks/kafka/ticket_table.hpp"

#include <cstddef>
#include <deque>
#include <vector>

namespace feedcast::kafka {

/// Finds the messages that a broker refuses for good. A broker refuses whole batches: one record
/// too large or invalid takes up to ten thousand innocent ones with it, and setting those aside
/// would lose them. So refused messages are sent again in halves, nothing else being in flight,
/// until one is refused alone. Pure logic; not thread-safe.
class culprit_search {
 public:
  using slot_id = ticket_table::slot_id;
  using group = std::vector<slot_id>;

  /// Messages are waiting to be tried again, or being tried.
  bool active() const noexcept { return !waiting_.empty() || in_flight_ > 0; }

  /// A group is being tried; every report that comes in belongs to it.
  bool trying() const noexcept { return in_flight_ > 0; }

  /// Takes messages that were refused together, outside a trial.
  void add(group refused);

  /// The next group to send, alone. Call it when nothing is in flight; empty if nothing waits.
  const group& start();

  enum class verdict { settled, guilty, undecided };
  /// A report for a message of the group being tried. `guilty`: refused alone. `undecided`: kept
  /// for another trial. `settled`: it was not refused, its report stands.
  verdict report(slot_id slot, bool refused);

  /// Gives up: returns the messages that are not in flight. Those in flight are forgotten.
  group abandon();

 private:
  void split(group refused);

  std::deque<group> waiting_;
  group current_;
  group refused_; ///< of the current group
  std::size_t in_flight_ = 0;
};

} // namespace feedcast::kafka
