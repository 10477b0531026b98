#pragma once

#include "actors/messages.hpp"

#include <caf/actor_addr.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <string>
#include <utility>

namespace feedcast {

// One per kind of answer to the collection: where its result goes.
struct to_opened {
  opened_answer answer;

  void take(result<lease_store_state> r) { answer.state = std::move(r); }
};

struct to_ranges {
  ranges_answer answer;

  void take(result<std::vector<feed_range>> r) { answer.ranges = std::move(r); }
};

struct to_leases {
  leases_answer answer;

  void take(result<lease_listing> r) { answer.leases = std::move(r); }
};

struct to_lock {
  lock_answer answer;

  void take(result<milliseconds> r) { answer.wait = std::move(r); }
};

struct to_start {
  start_answer answer;

  void take(result<feed_page_ptr> r) { answer.page = std::move(r); }
};

struct to_traits {
  traits_answer answer{};

  void take(result<feed_traits> r) { answer.traits = std::move(r); }
};

struct to_lease {
  lease_answer answer;

  void take(result<lease> r) { answer.stored = std::move(r); }
};

struct to_done {
  done_answer answer;

  void take(result<bool> r) { answer.done = std::move(r); }
};

struct to_throughput {
  throughput_answer answer;

  void take(result<feed_throughput> r) { answer.throughput = std::move(r); }
};

/// A callback for any thread that brings a result to an actor as a message, if the actor still
/// lives by then. It holds a weak address: a forgotten callback keeps no actor alive.
template <class Actor, class Question>
auto answer_to(const Actor& who, Question question) {
  return [to = caf::actor_cast<caf::actor_addr>(who),
          question = std::move(question)](auto got) mutable {
    if (const auto a = caf::actor_cast<caf::actor>(to)) {
      question.take(std::move(got));
      caf::anon_send(a, page_atom_v, std::move(question.answer));
    }
  };
}

} // namespace feedcast
