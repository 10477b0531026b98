#pragma once

#include "actors/partition.hpp"
#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"
#include "core/backoff.hpp"
#include "leases/bootstrap.hpp"
#include "leases/checkpointer.hpp"
#include "leases/lease_store.hpp"
#include "metrics/processor_probe.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace feedcast {

struct collection_options {
  std::string instance; ///< written as owner into the leases
  configured_start start;
  partition_options partition;
  checkpoint_options checkpoint;
  /// A partition, the lease store or the source that said nothing for so long is taken for wedged.
  std::chrono::seconds silence{120};
  milliseconds lease_expiry{60'000}; ///< a foreign lease not renewed for so long is free
  restart_options restarts;
};

struct collection_arguments {
  collection_options options;
  /// Make the feed's source and the processor's lease store. Called once per life of the actor; may
  /// throw.
  std::function<std::shared_ptr<change_source>()> open_source;
  std::function<std::shared_ptr<lease_store>()> open_leases;
  delivery_actor delivery; ///< null: wait for one
  metrics::processor_probe* probe = nullptr;
  observers watch;
};

/// Owns one processor: finds out which ranges exist, gives each a lease with a position before
/// anything of it is read, runs one partition per range that it owns, and writes settled positions
/// down. Follows splits. When drained it lets its partitions end, stores the last positions and
/// gives the leases back.
class collection_state {
 public:
  static constexpr const char* name = "collection";

  explicit collection_state(collection_actor::pointer self);

  collection_actor::behavior_type init(collection_arguments args);

 private:
  /// What the actor knows of one range.
  struct range_entry {
    lease stored;                            ///< as last read or written
    read_position settled;                   ///< where a partition has to go on from
    std::unique_ptr<checkpointer> positions; ///< set while the lease is ours
    range_report report;
    caf::actor_id delivery_id = 0; ///< the delivery that its partition was started with
    bool exists = true;            ///< still among the feed's ranges
    bool owned = false;
    bool releasing = false;          ///< drain: being given back
    bool released = false;           ///< drain: given back
    steady_time release_at{};        ///< drain: next try
    bool reread = false;             ///< a conflict was met: the lease is being read again
    bool unexplained = false;        ///< a lease of a range that does not exist: left alone
    std::uint32_t beats_silent = 0;  ///< beats since its partition last reported
    std::uint32_t beats_writing = 0; ///< beats that the write in flight has taken
    bool held = false; ///< its partition ended with its delivery and waits for the next one
  };

  // collection.cpp: life, partitions, reports
  void on_delivery(const delivery_actor& d);
  void on_progress(range_progress p);
  void on_report(range_report r);
  void on_ended(const range_ended& e);
  void on_beat();
  void on_drain();
  void on_down(const caf::down_msg& down);
  void start_partition(const std::string& range_id);
  caf::actor spawn_partition(const std::string& range_id);
  std::uint64_t jitter_seed(const std::string& range_id) const;
  void forget(const std::string& range_id);
  void look_for_wedges();
  void show();
  void show_lag(steady_time now);
  void end_if_drained();

  // collection_leases.cpp: from an empty store to owned leases
  void ask_open();
  void ask_leases();
  void ask_ranges();
  void on_opened(opened_answer a);
  void on_leases(leases_answer a);
  void on_ranges(ranges_answer a);
  void next_task();
  void resolve_start(const planned_range& planned);
  void on_start(start_answer a);
  void take_lease(const std::string& range_id, read_position from);
  void on_lease(lease_answer a);
  void on_task_lease(lease_answer& a);
  void on_done(const done_answer& a);
  void on_retry(std::uint64_t step);
  void failed(const char* what, const error& e);
  bool may_take(const lease& l) const;
  void own(const std::string& range_id, lease stored, read_position from);

  // collection_positions.cpp: writing positions, giving leases back
  void write_positions(steady_time now);
  void release(const std::string& range_id, range_entry& entry);
  void on_released(range_entry& entry, lease_answer& a);
  void on_written(const std::string& range_id, range_entry& entry, lease_answer& a);
  void on_reread(const std::string& range_id, range_entry& entry, lease_answer& a);
  void lose_lease(const std::string& range_id, range_entry& entry, lease theirs);

  collection_actor::pointer self_;
  collection_arguments args_;
  std::shared_ptr<change_source> source_;
  std::shared_ptr<lease_store> leases_;
  delivery_actor delivery_;
  std::unique_ptr<supervisor> partitions_;
  std::map<std::string, range_entry> ranges_;

  std::uint64_t step_ = 0;    ///< number of the question that is waited for
  std::function<void()> ask_; ///< asks it (again)
  backoff retry_delay_;
  std::uint32_t beats_asked_ = 0; ///< beats since the question was asked
  std::string trouble_;           ///< why the last question failed; empty while all is well
  lease_store_state store_;
  std::deque<planned_range> plan_; ///< ranges still to be given a lease or acquired
  std::vector<lease> remove_;      ///< leases of ranges that were split or merged
  planned_range at_hand_;          ///< front of the plan that is being worked on
  bool marked_ = false;
  std::optional<wall_time> anchor_; ///< what the marker is to say
  bool running_ = false;            ///< every range has its lease, the marker is written
  bool draining_ = false;
  steady_time next_show_{};
  steady_time next_look_{}; ///< at leases that others own
};

collection_actor::behavior_type
collection(collection_actor::stateful_pointer<collection_state> self, collection_arguments args);

} // namespace feedcast
