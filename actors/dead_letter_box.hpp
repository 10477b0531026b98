#pragma once

#include "core/backoff.hpp"
#include "metrics/health_board.hpp"
#include "metrics/target_probe.hpp"
#include "pipeline/ports.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace feedcast {

/// The dead letters of one target on their way to their sink. Each is kept, and handed over again,
/// until the sink has stored it for good; only then does its batch count it as settled. A part of
/// the delivery's state: same thread, ends with it.
class dead_letter_box {
 public:
  dead_letter_box(std::unique_ptr<message_sink> sink, std::string target,
                  const metrics::target_probe& probe);
  ~dead_letter_box();
  dead_letter_box(const dead_letter_box&) = delete;
  dead_letter_box& operator=(const dead_letter_box&) = delete;

  /// See message_sink::on_ready.
  void on_ready(std::function<void()> wake) { sink_->on_ready(std::move(wake)); }

  /// A record that lies in a batch.
  void add(std::uint64_t ticket, batch_ptr where, const message_ref& record);
  /// A record of its own, under a key.
  void add(std::uint64_t ticket, std::string record, std::string key);

  /// Drops the records whose ticket `doomed` names; those that the sink holds, as soon as it
  /// reports on them. They may be reported as written all the same.
  void forget(const std::function<bool(std::uint64_t)>& doomed);

  /// Hands over, takes reports, tries again. Calls `written` with the ticket of each record that is
  /// stored. On every wake and beat.
  void work(steady_time now, const std::function<void(std::uint64_t)>& written);

  /// For the health board. Logs changes.
  metrics::dead_letter_health look();

 private:
  struct entry {
    batch_ptr where; ///< keeps the bytes alive; null if they are in `record`
    std::string record;
    std::string key;
    std::string_view bytes;
    bool in_sink = false;
    bool doomed = false; ///< not to be handed over again
  };

  void insert(std::uint64_t ticket, entry e);
  void take_reports(steady_time now, const std::function<void(std::uint64_t)>& written);
  void hand_over(steady_time now);

  std::string target_;
  const metrics::target_probe& probe_; ///< outlives every actor
  std::unordered_map<std::uint64_t, entry> entries_;
  std::deque<std::uint64_t> queue_; ///< tickets to hand over
  steady_time next_try_{};
  backoff delay_;
  std::vector<delivery_report> reports_;   ///< reused
  std::vector<outgoing_message> outgoing_; ///< reused
  bool stuck_ = false;                     ///< as last logged
  std::unique_ptr<message_sink> sink_;     ///< last: lets go of the bytes before they die
};

} // namespace feedcast
