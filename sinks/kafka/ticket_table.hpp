#pragma once

#include "pipeline/ports.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace feedcast::kafka {

/// The messages that a sink has accepted and not reported, so that each gets exactly one report
/// whatever becomes of its producer. A slot's number travels through librdkafka as the message's
/// opaque. Not thread-safe.
class ticket_table {
 public:
  using slot_id = std::uint32_t;

  /// `generation` tells which producer has the message.
  slot_id add(const outgoing_message& m, std::uint32_t generation) {
    ++used_;
    bytes_ += weight(m);
    const entry e{m, generation, true};
    if (free_.empty()) {
      slots_.push_back(e);
      return static_cast<slot_id>(slots_.size() - 1);
    }
    const auto slot = free_.back();
    free_.pop_back();
    slots_[slot] = e;
    return slot;
  }

  const outgoing_message& at(slot_id slot) const { return slots_[slot].message; }

  /// Returns the ticket.
  std::uint64_t remove(slot_id slot) {
    auto& e = slots_[slot];
    e.used = false;
    free_.push_back(slot);
    --used_;
    bytes_ -= weight(e.message);
    return e.message.ticket;
  }

  /// Removes every message of one producer and calls `visit(ticket)` for each.
  template <class Visit>
  void remove_generation(std::uint32_t generation, Visit visit) {
    for (slot_id slot = 0; slot < slots_.size(); ++slot)
      if (slots_[slot].used && slots_[slot].generation == generation)
        visit(remove(slot));
  }

  std::size_t size() const noexcept { return used_; }

  /// Of all keys and values.
  std::uint64_t bytes() const noexcept { return bytes_; }

  static std::size_t weight(const outgoing_message& m) noexcept {
    return m.value.size() + m.key.size();
  }

 private:
  struct entry {
    outgoing_message message;
    std::uint32_t generation;
    bool used;
  };

  std::vector<entry> slots_;
  std::vector<slot_id> free_;
  std::size_t used_ = 0;
  std::uint64_t bytes_ = 0;
};

} // namespace feedcast::kafka
