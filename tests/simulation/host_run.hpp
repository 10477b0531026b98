#pragma once

#include "tests/simulation/host.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace feedcast::simulation {

/// One processor of a host: carries out what its lease_keeper says, over the network, and watches
/// that the keeper keeps the rules that only its host can see.
struct host::run final : keeper_port {
  run(host& owner, std::size_t number);

  void open(ticket t) override;
  void list(ticket t) override;
  void lock(ticket t) override;
  void unlock(ticket t) override;
  void mark(ticket t, wall_time anchor) override;
  void create(ticket t, lease l) override;
  void replace(ticket t, lease l) override;
  void read(ticket t, std::string range_id) override;
  void remove(ticket t, lease l) override;
  void read_ranges(ticket t) override;
  void resolve_now(ticket t, const planned_lease& range) override;
  void start(const lease& l, const range_start& from) override;
  void stop(const std::string& range_id) override;
  void tell(lease_event what, const std::string& range_id, const std::string& detail) override;
  void trouble(const std::string& step, const error& e, milliseconds wait) override;
  void twin(const std::string& range_id, const std::string& their_boot) override;

  void step(bool reading);
  bool idle() const;

  template <class T>
  void ask(ticket t, std::function<result<T>(moment)> apply,
           void (lease_keeper::*answer)(ticket, result<T>)) {
    h.net_.call<T>(h.alive_, std::move(apply), [this, t, answer](result<T> r) {
      note_answer(t, r ? "" : r.error().detail);
      (keeper.*answer)(t, std::move(r));
    });
  }

  void note(const std::string& what) const;
  void note_answer(ticket t, const std::string& problem) const;

  /// An owner that was replaced by us.
  struct taking {
    std::string from;
    moment age = 0; ///< of the lease, by true time
  };

  void judge_taking(const std::string& range_id, const taking& t);

  host& h;
  const std::size_t processor;
  model_store& store;
  lease_keeper keeper;
  std::map<std::string, partition> partitions;
  std::optional<moment> first_start;
  std::map<std::string, std::string> in_doubt; ///< leases whose last write met 412, its version
  std::map<std::string, lease_event> told;     ///< during the answer that is being given
};

} // namespace feedcast::simulation
