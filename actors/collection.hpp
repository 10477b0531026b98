#pragma once

#include "actors/partition.hpp"
#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"
#include "leases/keeper.hpp"
#include "metrics/processor_probe.hpp"
#include "pipeline/delete_guard.hpp"
#include "pipeline/unit_share.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace feedcast {

/// What was said of the deletes of a feed; see pipeline/delete_guard.hpp.
struct delete_guard_options {
  milliseconds tombstone_ttl{0}; ///< 0 = not declared
  milliseconds max_outage{28'800'000};
};

struct collection_options {
  keeper_options
      leases; ///< but for `processor` and `seed`, which follow from the partition's names
  partition_options partition;
  unit_share_options units;
  delete_guard_options deletes;
  /// A partition, the lease store or the source that said nothing for so long is taken for wedged.
  std::chrono::seconds silence{120};
  restart_options restarts;
};

struct collection_arguments {
  collection_options options;
  /// Make the feed's source and the processor's lease store. Called once per life of the actor; may
  /// throw.
  std::function<std::shared_ptr<change_source>()> open_source;
  std::function<std::shared_ptr<lease_store>()> open_leases;
  std::shared_ptr<balancer> shares; ///< of the process
  /// Another process runs under this instance's name, and this one has to end. Any thread.
  std::function<void(const std::string& why)> on_twin;
  delivery_actor delivery; ///< null: wait for one
  metrics::processor_probe* probe = nullptr;
  observers watch;
};

/// Owns one processor: carries out what its lease keeper decides, runs one partition per range that
/// it owns, tells it what it may spend, and tells the keeper how far they are. When drained it lets
/// its partitions end, then the leases are given back with the last positions.
class collection_state : private keeper_port {
 public:
  static constexpr const char* name = "collection";

  explicit collection_state(collection_actor::pointer self);

  collection_actor::behavior_type init(collection_arguments args);

 private:
  /// A range that is read here.
  struct reader {
    std::optional<key_span> keys;
    std::shared_ptr<identity_memory> memory; ///< of its subjects; null for feeds of entities
    range_report report;
    caf::actor_id delivery_id = 0;  ///< the delivery that its partition was started with
    std::uint32_t beats_silent = 0; ///< beats since its partition last reported
    bool held = false; ///< its partition ended with its delivery and waits for the next one
  };

  // collection.cpp: life, partitions
  void on_delivery(const delivery_actor& d);
  void on_report(range_report r);
  void on_beat();
  void on_drain();
  void on_down(const caf::down_msg& down);
  void start_partition(const std::string& range_id);
  caf::actor spawn_partition(const std::string& range_id);
  std::uint64_t jitter_seed(const std::string& range_id) const;
  void look_for_wedges();
  void end_if_drained();

  // collection_leases.cpp: what the keeper wants done
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
  void on_ranges(ranges_answer a);

  // collection_units.cpp: what reading may cost
  void ask_throughput(steady_time now);
  void on_throughput(const result<feed_throughput>& answer);
  unit_limit limit_of_reader() const;
  /// Tells the partitions, if their limit is another one by now.
  void share_units();
  // collection_deletes.cpp: the guard that warns if deletes may be missed
  void watch_deletes(steady_time now);
  void on_traits(traits_answer a);
  void note_deletes(const delete_counts& seen);
  void judge_deletes_now(bool loud);

  // collection_view.cpp: metrics and health
  void show();
  void show_range(const std::string& range_id, const lease_keeper::slot& s, const reader& r);
  void show_lag(steady_time now);
  void show_costs();

  collection_actor::pointer self_;
  collection_arguments args_;
  std::shared_ptr<change_source> source_;
  std::shared_ptr<lease_store> leases_;
  delivery_actor delivery_;
  std::unique_ptr<supervisor> partitions_;
  std::unique_ptr<lease_keeper> keeper_;
  std::map<std::string, reader> readers_;
  std::string last_trouble_; ///< as last logged
  lease_costs shown_costs_;
  std::optional<unit_share> units_; ///< there from init on
  std::optional<unit_limit> told_;  ///< to all partitions; nothing = one may have another limit
  bool draining_ = false;
  steady_time next_show_{};

  delete_facts deletes_;
  std::vector<metrics::delete_warning> delete_warnings_; ///< as last judged
  bool caught_up_once_ = false; ///< all ranges at once: from then on a lag is time unread
  steady_time next_traits_{};
  steady_time next_judgement_{};
};

collection_actor::behavior_type
collection(collection_actor::stateful_pointer<collection_state> self, collection_arguments args);

} // namespace feedcast
