#pragma once

#include "core/backoff.hpp"
#include "leases/balancer.hpp"
#include "leases/checkpointer.hpp"
#include "leases/keeper_port.hpp"
#include "leases/lease_store.hpp"
#include "leases/tiling.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace feedcast {

struct keeper_options {
  std::string processor; ///< "target/feed", for the balancer
  std::string instance;  ///< written as owner into the leases
  std::string boot;      ///< of this process; see boot_nonce.hpp
  bool near = true;      ///< see balance_view
  configured_start start;
  checkpoint_options checkpoint;
  milliseconds expiry{60'000};        ///< a lease that was not written for so long is free
  milliseconds look_interval{13'000}; ///< between looks at all leases
  milliseconds look_soon{3'000};      ///< after a look that left something to be seen again
  milliseconds start_jitter{2'000};   ///< before an instance that newly came takes from others
  std::uint32_t parallel = 25;        ///< leases created or taken at once
  double budget = 0; ///< request units per second for all instances' lease writes; 0 = unlimited
  std::uint64_t seed = 1;
};

/// The leases of one processor: from an empty store to owned leases, their renewal, positions,
/// balancing, splits and merges, and giving them back. A state machine without threads, timers or
/// I/O: it is told what happened and says what to do through its port. One owner, not thread-safe;
/// `port`, `shares` and `clock` outlive it. Wall-clock time is used only until the store has said
/// what time it is.
///
/// The way to the first page: open -> list -> read ranges -> plan; without a marker: lock, open,
/// list and plan again, create what is missing (`now` resolved first), mark, unlock. Then looks,
/// again and again: list, plan, replace what was split or merged, fill gaps that were seen twice,
/// take what the balancer says.
///
/// Who owns a lease is what its document says; what is written is written by compare-and-swap. A
/// lease that can't be renewed is ours until a document with another owner is read: until then its
/// range is read on, because duplicates are harmless and silence is not.
class lease_keeper {
 public:
  lease_keeper(keeper_options options, keeper_port& port, balancer& shares,
               const clock_source& clock);
  ~lease_keeper();
  lease_keeper(const lease_keeper&) = delete;
  lease_keeper& operator=(const lease_keeper&) = delete;

  void begin();
  /// What time has brought: writes that are due, looks, retries. Every 100 ms or so.
  void on_tick();

  // The partition of a range says:
  void settled(const std::string& range_id, std::string position); ///< all before it is settled
  void gone(const std::string& range_id); ///< the range was split or merged; nothing is in flight

  /// Take nothing any more, write positions without waiting.
  void drain();
  /// No partition runs any more: store the last positions and give the leases back.
  void give_back();

  /// Everything was given back.
  bool given_back() const;

  /// What one write of a lease costs, in request units; for the budget.
  void cost_of_write(double units) { write_cost_ = units; }

  // Answers.
  using ticket = keeper_port::ticket;
  void on_opened(ticket t, result<lease_store_state> r);
  void on_listed(ticket t, result<lease_listing> r);
  void on_locked(ticket t, result<milliseconds> r);
  void on_ranges(ticket t, result<std::vector<known_range>> r);
  void on_resolved(ticket t, result<std::string> r);
  void on_lease(ticket t, result<lease> r);
  void on_done(ticket t, result<bool> r);

  /// What is known of one lease.
  struct slot {
    lease stored;                            ///< as last read or written
    range_start settled;                     ///< if owned: where reading has to go on from
    std::unique_ptr<checkpointer> positions; ///< if owned
    bool owned = false;
    bool gone = false;        ///< owned, but its range is no more: its children are waited for
    bool expired = false;     ///< as of the last look
    bool unexplained = false; ///< nobody knows its keys: left alone
    bool given_back = false;
    bool reread = false;      ///< in doubt: it is read before anything else is done with it
    bool missing = false;     ///< it was deleted: the next look says whether others have its keys
    bool put_back = false;    ///< they have not: it is created again
    steady_time heard{};      ///< when it was last read or written alone: older lists say nothing
    ticket asked = 0;         ///< the open question about it; 0 = none
    steady_time not_before{}; ///< the next question about it
  };

  const std::map<std::string, slot>& slots() const noexcept { return slots_; }

  /// Every key had a lease at the last look, and the marker is written.
  bool running() const noexcept { return running_; }

  /// Part of the key space that leases cover, 0 to 1, as of the last look.
  double coverage() const noexcept { return coverage_; }

  /// Why the last question of a look failed; empty while all is well.
  const std::string& trouble() const noexcept { return trouble_; }

  /// Ticks that the oldest open question has waited.
  std::uint32_t ticks_waiting() const;

 private:
  enum class question : std::uint8_t {
    open,
    list,
    ranges,
    lock,
    unlock,
    mark, // of a look
    resolve,
    create,
    take, // of one task of a look
    write,
    reread,
    put_back,
    release,
    remove, // of one slot
  };

  struct open_question {
    question what;
    std::string range_id; ///< of a task or slot
    std::uint64_t tick;
    steady_time asked;
  };

  /// A lease to create or to take, as part of a look.
  struct task {
    question what; ///< create or take
    lease to_write;
    range_start from;
    lease_event how = lease_event::acquired; ///< what it is if it succeeds
  };

  // keeper.cpp
  ticket ask(question what, const std::string& range_id = {});
  std::optional<open_question> answered(ticket t);
  void later(const char* step, const error& e, std::function<void()> again);
  void look();
  wall_time store_time() const;
  bool is_ours(const lease& l) const;
  lease claimed(lease l) const;
  double random_unit();

  // keeper_look.cpp
  void note_listed(std::vector<lease> leases, steady_time asked);
  void judge_missing();
  bool ranges_needed() const;
  void plan();
  void plan_gaps(const lease_plan& p);
  void plan_replacements(const lease_plan& p);
  void add_creation(const planned_lease& p);
  void run_tasks();
  void start_task(task t);
  void on_created(task t, result<lease> r);
  void on_taken(task t, result<lease> r);
  void created_all();
  void share_out();
  tiling_facts facts() const;

  // keeper_slots.cpp
  void own(const std::string& range_id, lease stored, range_start from, lease_event how,
           steady_time written);
  void disown(const std::string& range_id, slot& s);
  void write_what_is_due();
  void ask_about(const std::string& range_id, slot& s);
  void release(const std::string& range_id, slot& s);
  void on_written(const std::string& range_id, slot& s, result<lease> r);
  void on_reread(const std::string& range_id, slot& s, result<lease> r);
  void miss(slot& s);
  void on_put_back(slot& s, result<lease> r);
  void on_released(const std::string& range_id, slot& s, result<lease> r);
  void on_removed(const std::string& range_id, const result<bool>& r);

  const keeper_options options_;
  keeper_port& port_;
  balancer& shares_;
  const clock_source& clock_;

  ticket last_ticket_ = 0;
  std::uint64_t tick_ = 0;
  std::map<ticket, open_question> questions_;
  std::map<std::string, slot> slots_;
  std::map<std::string, task> started_; ///< tasks whose question is open, by range id
  std::deque<task> tasks_;              ///< not started yet

  backoff retry_delay_;
  steady_time retry_at_{};
  std::function<void()> retry_; ///< empty = nothing to retry
  std::string trouble_;

  lease_store_state state_;
  std::vector<known_range> ranges_;
  std::map<std::string, key_span> remembered_;
  bool ranges_stale_ = true;
  lease_form range_form_ = lease_form::pk;
  lease_form span_form_ = lease_form::java_epk;
  wall_time listed_wall_{};     ///< the store's time at the last listing
  steady_time listed_steady_{}; ///< ours at that moment

  bool looking_ = false;  ///< a look is under way, or waits to be tried again
  bool creating_ = false; ///< the look's creations run
  bool locked_ = false;
  bool first_start_ = false; ///< nothing had been read with these leases when the look began
  bool running_ = false;
  bool sharing_ = false; ///< the jitter of the start is over
  bool draining_ = false;
  bool giving_back_ = false;
  bool soon_ = false; ///< the next look is to come soon
  std::optional<wall_time> anchor_;
  std::set<std::string> gaps_seen_;                           ///< at the last look
  std::map<std::string, std::vector<std::string>> replacing_; ///< old lease -> those that follow it
  backoff gone_delay_;
  steady_time next_look_{};
  double coverage_ = 0;
  double write_cost_ = 10;
  double tokens_ = 0; ///< request units that writes may use now
  steady_time tokens_at_{};
  std::uint64_t random_;
};

} // namespace feedcast
