#include "sinks/kafka/sink_impl.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <utility>

namespace feedcast::kafka {

namespace {

/// Messages handed to librdkafka in one call.
constexpr std::size_t chunk_size = 512;

constexpr std::string_view constant_key = "messages";

// Slots start at 0 and a null opaque is a message without one, hence the shift.
void* to_opaque(ticket_table::slot_id slot) noexcept {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): librdkafka carries it, nobody follows it
  return reinterpret_cast<void*>(static_cast<std::uintptr_t>(slot) + 1);
}

ticket_table::slot_id to_slot(const void* opaque) noexcept {
  return static_cast<ticket_table::slot_id>(reinterpret_cast<std::uintptr_t>(opaque) - 1);
}

rd_kafka_message_t to_record(const outgoing_message& m, ticket_table::slot_id slot, key_mode mode) {
  const auto key = mode == key_mode::constant ? constant_key : m.key;
  rd_kafka_message_t record{};
  // librdkafka neither writes to nor frees these: no copy and no free flag is given.
  record.payload = const_cast<char*>(m.value.data());
  record.len = m.value.size();
  record.key = key.empty() ? nullptr : const_cast<char*>(key.data());
  record.key_len = key.size();
  record._private = to_opaque(slot);
  return record;
}

} // namespace

bool kafka_sink::impl::may_produce() const {
  return producer_ && !fatal_seen_ && !topic_missing_ && !search_.active()
         && clock_.steady() >= hold_until_;
}

bool kafka_sink::impl::has_room(const outgoing_message& m) const {
  // One message always fits, so that none waits for ever.
  return tickets_.size() == 0
         || (tickets_.size() < options_.max_queued_messages
             && tickets_.bytes() + ticket_table::weight(m) <= options_.max_queued_bytes);
}

std::size_t kafka_sink::impl::produce(std::span<const outgoing_message> messages) {
  std::size_t accepted = 0;
  std::array<ticket_table::slot_id, chunk_size> slots{};
  while (accepted < messages.size() && may_produce()) {
    std::size_t n = 0;
    while (n < chunk_size && accepted + n < messages.size() && has_room(messages[accepted + n])) {
      slots[n] = tickets_.add(messages[accepted + n], generation_);
      ++n;
    }
    if (n == 0)
      break;
    accepted += n;
    if (!hand_over({slots.data(), n}))
      break;
  }
  return accepted;
}

bool kafka_sink::impl::enqueue(std::span<const ticket_table::slot_id> slots,
                               std::span<rd_kafka_message_t> records) {
  if (!options_.lsn_header)
    return producer_->enqueue(records);
  bool all = true;
  for (std::size_t i = 0; i < slots.size(); ++i)
    all &= producer_->enqueue(records[i], tickets_.at(slots[i]).lsn);
  return all;
}

bool kafka_sink::impl::hand_over(std::span<const ticket_table::slot_id> slots) {
  std::array<rd_kafka_message_t, chunk_size> records;
  for (std::size_t i = 0; i < slots.size(); ++i)
    records[i] = to_record(tickets_.at(slots[i]), slots[i], options_.key);
  if (outstanding_ == 0)
    last_report_ = clock_.steady();
  if (enqueue(slots, {records.data(), slots.size()})) {
    outstanding_ += slots.size();
    return true;
  }
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (records[i].err == RD_KAFKA_RESP_ERR_NO_ERROR)
      ++outstanding_;
    else
      refused_at_once(slots[i], records[i].err);
  }
  (*wake_)(); // librdkafka does not ring for these
  return clock_.steady() >= hold_until_;
}

void kafka_sink::impl::refused_at_once(ticket_table::slot_id slot, rd_kafka_resp_err_t code) {
  // Unlike a broker, librdkafka judges each message by itself.
  const auto outcome = outcome_of(code);
  if (search_.trying())
    search_.report(slot, false);
  local_reports_.push_back({tickets_.remove(slot), outcome});
  condition_.count_error();
  if (code == RD_KAFKA_RESP_ERR__FATAL)
    fatal_seen_ = true;
  if (outcome != delivery_outcome::undeliverable)
    on_refusal(code);
}

void kafka_sink::impl::on_refusal(rd_kafka_resp_err_t code) {
  const auto what = classify(code);
  // Timeouts have waited long enough; the rest would come back at once and go round at full speed.
  if (what == delivery_class::timeout) {
    // The next look tells whether the cluster can't be reached or does not acknowledge.
    unacknowledged_ = clock_.steady();
    condition_.suspect();
    return;
  }
  condition_.failed(what, explain(code, {}, options_));
  const auto now = clock_.steady();
  if (now >= hold_until_)
    hold_until_ = now + hold_delay_.next();
}

void kafka_sink::impl::take_reports(std::vector<delivery_report>& reports) {
  culprit_search::group refused_together;
  std::optional<rd_kafka_resp_err_t> refusal;
  bool acknowledged = false;
  for (const auto& [opaque, code] : events_.reports) {
    const auto slot = to_slot(opaque);
    auto outcome = outcome_of(code);
    --outstanding_;
    const bool refused_for_good = outcome == delivery_outcome::undeliverable;
    if (search_.trying()) {
      if (search_.report(slot, refused_for_good) == culprit_search::verdict::undecided)
        continue;
    } else if (refused_for_good) {
      refused_together.push_back(slot);
      continue;
    }
    if (outcome == delivery_outcome::acknowledged) {
      acknowledged = true;
    } else if (code != RD_KAFKA_RESP_ERR__PURGE_QUEUE) { // not sent, by our own wish
      condition_.count_error();
      fatal_seen_ = fatal_seen_ || code == RD_KAFKA_RESP_ERR__FATAL;
      if (!refused_for_good)
        refusal = code;
    }
    reports.push_back({tickets_.remove(slot), outcome});
  }
  if (!events_.reports.empty())
    last_report_ = clock_.steady();
  search_.add(std::move(refused_together));
  if (refusal)
    on_refusal(*refusal);
  if (acknowledged) {
    topic_missing_ = false;
    refused_since_.reset();
    reopen_delay_.reset();
    if (!refusal) {
      unacknowledged_.reset();
      hold_delay_.reset();
      condition_.acknowledged();
    }
  }
}

void kafka_sink::impl::try_suspects() {
  if (!producer_ || !search_.active() || search_.trying() || outstanding_ > 0)
    return;
  // A copy: messages refused at once change the group while it is handed over.
  const auto group = search_.start();
  for (std::size_t at = 0; at < group.size(); at += chunk_size)
    hand_over(std::span{group}.subspan(at, std::min(chunk_size, group.size() - at)));
}

void kafka_sink::impl::poll(std::vector<delivery_report>& reports) {
  events_.clear();
  if (producer_) {
    producer_->drain(events_);
    take_reports(reports);
    take_client_errors();
    take_topic_creations();
    if (fatal_seen_)
      replace_producer(delivery_class::fatal, producer_->fatal_reason());
  }
  take_mail(reports);
  reopen();
  watch_for_stall();
  watch_for_new_secrets();
  look_for_topic();
  try_suspects();
  reports.insert(reports.end(), local_reports_.begin(), local_reports_.end());
  local_reports_.clear();
}

} // namespace feedcast::kafka
