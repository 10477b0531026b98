#pragma once

#include "actors/messages.hpp"

#include <caf/typed_actor.hpp>

#include <cstdint>
#include <string>

/// Every actor's protocol, in one place. `(own)` marks messages that an actor sends itself.
namespace feedcast {

/// Reads one range of a feed for one target and follows its batches until they are settled.
using partition_actor = caf::typed_actor<
    // The source answered.
    caf::reacts_to<page_atom, page_answer>,
    // (own) The wait before fetch number N is over.
    caf::reacts_to<poll_atom, std::uint64_t>,
    // From delivery: these batches are settled, which also gives their credit back.
    caf::reacts_to<finished_atom, finished_batches>,
    // (own) Batches that rest are due for their second turn.
    caf::reacts_to<confirm_atom>,
    // From the collection: what reading may cost from now on.
    caf::reacts_to<limit_atom, unit_limit>,
    // (own) Report to the collection.
    caf::reacts_to<beat_atom>,
    // Read no more; end when nothing is in flight.
    caf::reacts_to<drain_atom>>;

/// Hands the batches of one target to its broker and tells partitions when they are settled.
using delivery_actor = caf::typed_actor<
    // Produce these messages and answer `finished` with their batch's sequence.
    caf::reacts_to<submit_atom, submission, partition_actor>,
    // From the sink's threads: there is something to poll.
    caf::reacts_to<wake_atom>,
    // (own) Housekeeping.
    caf::reacts_to<beat_atom>>;

/// Owns the leases of one processor: which ranges exist, how far each is settled, and one partition
/// per owned range.
using collection_actor = caf::typed_actor<
    // From the target: the delivery to use from now on.
    caf::reacts_to<delivery_atom, delivery_actor>,
    // From partitions.
    caf::reacts_to<progress_atom, range_progress>, caf::reacts_to<report_atom, range_report>,
    caf::reacts_to<ended_atom, range_ended>,
    // Answers of the lease store and the source.
    caf::reacts_to<page_atom, opened_answer>, caf::reacts_to<page_atom, ranges_answer>,
    caf::reacts_to<page_atom, leases_answer>, caf::reacts_to<page_atom, lock_answer>,
    caf::reacts_to<page_atom, start_answer>, caf::reacts_to<page_atom, lease_answer>,
    caf::reacts_to<page_atom, done_answer>, caf::reacts_to<page_atom, throughput_answer>,
    caf::reacts_to<page_atom, traits_answer>,
    // (own) Restart a partition; what time has brought.
    caf::reacts_to<restart_atom, std::string, std::uint64_t>, caf::reacts_to<beat_atom>,
    // Let the partitions end, store the last positions, then end.
    caf::reacts_to<drain_atom>>;

/// Supervises one delivery and the collections of one target.
using target_actor = caf::typed_actor<
    // (own) Restart a child.
    caf::reacts_to<restart_atom, std::string, std::uint64_t>,
    // Drain the collections, then stop the delivery, then end.
    caf::reacts_to<drain_atom>>;

/// Supervises the targets. Never ends by itself but for a completed drain.
using service_actor = caf::typed_actor<
    // (own) Restart a target.
    caf::reacts_to<restart_atom, std::string, std::uint64_t>,
    // From an operator: start this target anew, with the credentials that its files hold now.
    caf::reacts_to<renew_atom, std::string>,
    // Drain everything, then end with reason normal.
    caf::reacts_to<drain_atom>>;

} // namespace feedcast
