#pragma once

#include "core/result.hpp"
#include "leases/lease.hpp"
#include "leases/lease_store.hpp"
#include "pipeline/ack_tracker.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/feed.hpp"
#include "pipeline/window.hpp"

#include <caf/atom.hpp>
#include <caf/type_id.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What actors tell each other. All of it stays in this process (hence "unsafe" for CAF: not
/// serializable); big things are shared immutable pointers.
namespace feedcast {

/// The source's answer to the fetch with this number; older numbers are answers that nobody waits
/// for any more.
struct page_answer {
  std::uint64_t fetch = 0;
  result<feed_page_ptr> page = make_error(errc::internal, "empty");
};

/// A batch whose turn is over: the target settled the last of its messages.
struct finished_batch {
  ack_tracker::sequence sequence = 0;
  turn_loss lost;
  wall_time at{};         ///< of the last acknowledgement
  steady_time produced{}; ///< when its last message was handed to the producer
};

struct finished_batches {
  std::vector<finished_batch> batches;
};

/// How a partition is, for its collection to aggregate and show.
struct range_report {
  std::string range_id;
  std::string state; ///< live, catching_up, backoff, draining
  bool polled_once = false;
  steady_time last_poll{};    ///< last success
  milliseconds poll_wait{0};  ///< the wait that it now intends between polls
  std::int64_t oldest_ts = 0; ///< oldest unsettled `_ts`; 0 = nothing unsettled
  bool lsn_known = false;
  std::uint64_t lsn_behind = 0; ///< by LSNs, or in changes where the source counts them
  std::uint64_t window_bytes = 0;
  std::uint32_t window_keys = 0;
  std::string region;               ///< where it is read
  bool away = false;                ///< that is not the target's own region
  std::uint64_t identity_bytes = 0; ///< remembered of subjects
  std::string last_error;
  delete_counts deletes; ///< in the pages since the last report
};

/// What the reader of one range may spend from now on.
struct unit_limit {
  std::optional<double> units_per_second; ///< nullopt = no limit
};

struct range_progress {
  std::string range_id;
  continuation settled; ///< everything before it is settled
};

/// A partition's last word: it reads no more and nothing of it is in flight.
struct range_ended {
  std::string range_id;
  bool gone =
      false; ///< the range was split or merged: its children go on from the settled position
};

// Answers of the lease store and the source to the collection. `step` is the keeper's ticket.
struct opened_answer {
  std::uint64_t step = 0;
  result<lease_store_state> state = make_error(errc::internal, "empty");
};

struct ranges_answer {
  std::uint64_t step = 0;
  result<std::vector<feed_range>> ranges = make_error(errc::internal, "empty");
};

struct leases_answer {
  std::uint64_t step = 0;
  result<lease_listing> leases = make_error(errc::internal, "empty");
};

struct lock_answer {
  std::uint64_t step = 0;
  result<milliseconds> wait = make_error(errc::internal, "empty");
};

struct start_answer {
  std::uint64_t step = 0;
  result<feed_page_ptr> page = make_error(errc::internal, "empty");
};

struct traits_answer {
  result<feed_traits> traits = make_error(errc::internal, "empty");
};

struct lease_answer {
  std::uint64_t step = 0;
  result<lease> stored = make_error(errc::internal, "empty");
};

struct done_answer {
  std::uint64_t step = 0;
  result<bool> done = make_error(errc::internal, "empty");
};

/// The source's answer to what the database provides.
struct throughput_answer {
  result<feed_throughput> throughput = make_error(errc::internal, "empty");
};

} // namespace feedcast

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::submission)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::page_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::finished_batches)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::range_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::unit_limit)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::range_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::range_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::opened_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::ranges_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::leases_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::lock_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::start_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::traits_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::lease_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::done_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(feedcast::throughput_answer)

CAF_BEGIN_TYPE_ID_BLOCK(feedcast, first_custom_type_id)
  CAF_ADD_ATOM(feedcast, feedcast, submit_atom, "submit")
  CAF_ADD_ATOM(feedcast, feedcast, wake_atom, "wake")
  CAF_ADD_ATOM(feedcast, feedcast, page_atom, "page")
  CAF_ADD_ATOM(feedcast, feedcast, poll_atom, "poll")
  CAF_ADD_ATOM(feedcast, feedcast, finished_atom, "finished")
  CAF_ADD_ATOM(feedcast, feedcast, confirm_atom, "confirm")
  CAF_ADD_ATOM(feedcast, feedcast, progress_atom, "progress")
  CAF_ADD_ATOM(feedcast, feedcast, report_atom, "report")
  CAF_ADD_ATOM(feedcast, feedcast, ended_atom, "ended")
  CAF_ADD_ATOM(feedcast, feedcast, delivery_atom, "delivery")
  CAF_ADD_ATOM(feedcast, feedcast, beat_atom, "beat")
  CAF_ADD_ATOM(feedcast, feedcast, restart_atom, "restart")
  CAF_ADD_ATOM(feedcast, feedcast, drain_atom, "drain")
  CAF_ADD_ATOM(feedcast, feedcast, renew_atom, "renew")
  CAF_ADD_ATOM(feedcast, feedcast, limit_atom, "limit")
CAF_END_TYPE_ID_BLOCK(feedcast)
