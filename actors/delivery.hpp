#pragma once

#include "actors/dead_letter_box.hpp"
#include "actors/protocols.hpp"
#include "actors/supervisor.hpp"
#include "core/backoff.hpp"
#include "metrics/target_probe.hpp"
#include "pipeline/dead_letter.hpp"
#include "pipeline/ports.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace feedcast {

struct delivery_arguments {
  std::string target;
  /// Makes the sink. Called once per life of the actor; may throw.
  std::function<std::unique_ptr<message_sink>()> open_sink;
  /// The same for dead letters. Empty: what can't be delivered is counted and skipped, and batches
  /// hold no dead letters.
  std::function<std::unique_ptr<message_sink>()> open_dead_letters{};
  dead_letter_form dead_letter{};
  metrics::target_probe* probe = nullptr;
  observers watch;
  milliseconds beat{100};
};

/// Owns the target's sink. Keeps every submitted batch until each of its messages is settled; a
/// message that comes back as `retry` is produced again, with a fresh timestamp, for ever. Bounded
/// by the credit of its partitions. A message that the broker will never take becomes a dead
/// letter, and is settled when that is written. Ends with its target; its partitions notice and
/// start again from their settled positions.
class delivery_state {
 public:
  static constexpr const char* name = "delivery";

  explicit delivery_state(delivery_actor::pointer self);

  delivery_actor::behavior_type init(delivery_arguments args);

 private:
  /// One turn of a batch. Its key in `slots_` is the upper part of its messages' tickets.
  struct slot {
    submission turn;
    partition_actor from;
    caf::actor_id from_id = 0;
    std::uint32_t produced = 0; ///< behind the last message that was ever handed to the sink
    std::uint32_t open = 0;     ///< messages not settled, dead letters included
    std::uint32_t dead = 0;     ///< of them, those in the hands of `dead_letters_`
    turn_loss lost{};
    steady_time last_produced{};

    const batch& what() const noexcept { return *turn.what; }

    /// Behind the last message for the sink; what follows are dead letters.
    std::uint32_t to_produce() const noexcept {
      return std::min(turn.last, static_cast<std::uint32_t>(turn.what->invalidations()));
    }
  };

  void on_submit(submission turn, const partition_actor& from);
  void on_wake();
  void on_beat();
  void on_partition_down(caf::actor_id who);

  enum class ending : std::uint8_t { acknowledged, lost, dead_letter };

  void put_aside(std::uint64_t id, slot& s);
  void take_reports();
  void refuse(std::uint64_t ticket);
  void tend_dead_letters();
  void settle(std::uint64_t ticket, ending how);
  void produce();
  bool produce_retries();
  bool produce_slot(std::uint64_t id, slot& s);
  void finish(std::uint64_t id, slot& s);
  void send_finished();
  void watch_sink();

  delivery_actor::pointer self_;
  delivery_arguments args_;
  std::unordered_map<std::uint64_t, slot> slots_;
  std::uint64_t next_slot_ = 1;
  std::deque<std::uint64_t> queue_;   ///< slots with messages that were never produced
  std::deque<std::uint64_t> retries_; ///< tickets to produce again
  steady_time retry_at_{};
  backoff retry_delay_;
  std::vector<delivery_report> reports_;   ///< reused
  std::vector<outgoing_message> outgoing_; ///< reused
  /// In order, so that a run under virtual time can be repeated.
  std::map<caf::actor_id, std::pair<partition_actor, finished_batches>> finished_;
  bool blocked_ = false;
  steady_time blocked_since_{};
  std::uint64_t inflight_messages_ = 0;
  std::uint64_t inflight_bytes_ = 0;
  message_sink::condition shown_;
  bool shown_once_ = false;
  steady_time next_show_{};
  std::optional<steady_time> last_ack_;
  std::unique_ptr<dead_letter_box> dead_letters_; ///< null: none are kept
  std::unique_ptr<message_sink>
      sink_; ///< last, so that it lets go of the slots' bytes before they die
};

delivery_actor::behavior_type delivery(delivery_actor::stateful_pointer<delivery_state> self,
                                       delivery_arguments args);

} // namespace feedcast
