#pragma once

#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"
#include "core/backoff.hpp"
#include "metrics/processor_probe.hpp"
#include "pipeline/damage_search.hpp"
#include "pipeline/poll_schedule.hpp"
#include "pipeline/ports.hpp"
#include "pipeline/request_budget.hpp"
#include "pipeline/stages.hpp"
#include "pipeline/window.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>

namespace feedcast {

/// How long a range of a feed of identities may be read from its beginning before its delivery
/// begins with what is known by then.
struct warming_limits {
  milliseconds within{30'000};
  std::uint32_t pages = 10'000;
};

/// What all ranges of a processor have in common.
struct partition_options {
  std::string target;
  std::string feed;
  std::uint32_t max_items = 500;
  milliseconds poll_min{100};
  milliseconds poll_max{1000};
  /// A fetch that got neither page nor error for so long will never get one: the range is read
  /// anew, through another source.
  std::chrono::seconds answer_within{60};
  window_limits window;
  stage_options stages;
  /// Bytes that each range of a feed of identities may remember of its subjects.
  std::size_t identity_memory = identity_memory_limit;
  warming_limits warming;
};

struct partition_arguments {
  partition_options options;
  std::string range_id;
  std::optional<key_span> keys; ///< if the lease is of a key span, and not of a whole range
  read_position from;           ///< the settled position to go on from, or where the range starts
  /// What is known of the range's subjects; null for feeds of entities. Outlives the partition, so
  /// that its successor knows what was not settled yet.
  std::shared_ptr<identity_memory> memory;
  std::shared_ptr<change_source> source;
  delivery_actor delivery;
  collection_actor collection;
  metrics::processor_probe* probe = nullptr;
  observers watch;
  std::uint64_t seed = 0; ///< of the jitter between retries; 0 = random
  unit_limit limit{};     ///< of what reading may cost
};

/// Reads one range: fetches a page, starts the next fetch, turns the page into a batch, hands
/// batches to the delivery as credit allows, and reports the settled position. Reads ahead only
/// while its window has room, so a target that stands still costs a window and nothing more. Ends
/// when its delivery goes, when its range is gone, or when drained.
class partition_state {
 public:
  static constexpr const char* name = "partition";

  explicit partition_state(partition_actor::pointer self);
  ~partition_state();
  partition_state(const partition_state&) = delete;
  partition_state& operator=(const partition_state&) = delete;

  partition_actor::behavior_type init(partition_arguments args);

 private:
  void on_page(page_answer answer);
  void on_poll(std::uint64_t fetch);
  void on_finished(const finished_batches& done);
  void on_confirm();
  void on_beat();
  void on_drain();

  void fetch();
  /// While the window is full nothing is read, but how far the feed is ahead has to be known.
  void look_ahead();
  void ask_source(std::uint32_t items, bool peek);
  /// By LSNs: from the first change that is not settled to the newest of the range.
  std::uint64_t lsn_behind() const;
  /// Asks for the next page now, after a wait, or not at all while there is no room or the end is
  /// near.
  void fetch_later(milliseconds wait);
  void take_page(const feed_page_ptr& page);
  /// What an answer says besides its changes.
  void take_figures(const feed_page& page);
  void take_region(const feed_page& page);
  void take_batch(const feed_page& page, std::shared_ptr<batch> b);
  // partition_warming.cpp: filling the memory of subjects before delivery begins
  bool needs_warming();
  void begin_warming();
  void on_warming_page(const result<feed_page_ptr>& page);
  /// What comes next is to be asked for by the caller. `why` not all is known; empty if it is.
  void end_warming(std::string_view why);
  void note_memory();

  // partition_page.cpp: what becomes of the feed's answers
  void take_nothing(const feed_page& page);
  /// Deletes that no page will tell any more.
  void tell_lost(const feed_page& page);
  void note_deletes(const delete_counts& seen);
  void tell_unusable(const feed_page& page, const unusable_document& u);
  page_origin origin_at(const read_position& here) const;
  /// The feed answers as it should again.
  void recovered();
  void salvage(const feed_page_ptr& page, const error& e);
  void on_failure(const error& e);
  /// `repairable`: it could be read, but is not what JSON may hold.
  void on_malformed(const feed_page_ptr& page, const error& e, bool repairable);
  /// Remembers a damaged page, to tell damage that is stored from damage on the way.
  void note_damage(std::string_view body);
  void forget_damage();
  /// Reads the same page once more, after a wait: the damage may have happened on the way.
  void look_again(const error& e);
  void tell_malformed(const error& e);
  void hand_over();
  void report_progress();
  void settle(const finished_batch& f);
  /// How long the messages of a first turn took.
  void observe(const batch& b, const finished_batch& f);
  /// Ends the actor if it reads no more and nothing is in flight.
  void end_if_done();
  void send_report();
  std::string_view state_name() const;

  partition_actor::pointer self_;
  partition_arguments args_;
  std::unique_ptr<page_stages> stages_;
  std::unique_ptr<range_window> window_;
  poll_schedule schedule_{milliseconds{100}, milliseconds{1000}};
  request_budget budget_;
  backoff retry_delay_;

  read_position next_;            ///< of the next fetch
  continuation seen_;             ///< newest position that went into the window
  std::uint64_t fetch_ = 0;       ///< number of the fetch that is waited for, or of the next one
  bool fetching_ = false;         ///< its answer is outstanding
  std::uint32_t beats_asked_ = 0; ///< beats since the outstanding fetch was asked
  bool looking_ahead_ = false;    ///< what is being fetched is not to be delivered
  bool waiting_ = false;          ///< its poll timer is running
  std::optional<steady_time> confirm_at_;   ///< when `confirm` comes
  std::uint32_t items_ = 0;                 ///< page size to ask for
  std::uint32_t asked_ = 0;                 ///< the one that was asked for last
  std::uint32_t asked_here_ = 0;            ///< the one that the page at hand was asked for with
  std::uint32_t bad_reads_ = 0;             ///< damaged pages in a row at next_, of one size
  std::uint32_t bad_answers_ = 0;           ///< answers in a row that were not even a page
  std::optional<std::size_t> damaged_body_; ///< hash of the last damaged page at next_
  std::uint32_t same_damage_ = 0;           ///< how often it came again, the same to the byte
  damage_search search_;
  bool draining_ = false;
  bool gone_ = false;

  bool warming_ = false;
  steady_time warming_since_{};
  std::uint32_t warming_pages_ = 0;
  std::uint64_t forgotten_ = 0; ///< subjects, as last counted

  bool polled_once_ = false;
  bool caught_up_ = false;
  steady_time last_poll_{};
  std::string region_; ///< that the last page was read in
  bool away_ = false;
  milliseconds wait_{0};
  wall_time caught_up_at_{}; ///< or when it began
  std::optional<std::uint64_t> session_lsn_;
  std::optional<std::uint64_t> behind_; ///< the last page, of sources that count changes
  std::uint64_t settled_lsn_ = 0;
  std::int64_t read_ts_ = 0; ///< `_ts` that the last page with messages began at; 0 = none yet
  std::string last_error_;   ///< empty while all is well
  delete_counts deletes_;    ///< since the last report
};

partition_actor::behavior_type partition(partition_actor::stateful_pointer<partition_state> self,
                                         partition_arguments args);

} // namespace feedcast
