#pragma once

#include "pipeline/ports.hpp"
#include "tests/support/ledger.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::testing {

/// The broker behind every life of the fake sink. By default each message is acknowledged at once.
struct fake_broker {
  explicit fake_broker(ledger& l, bool of_dead_letters = false)
      : truth(&l), takes_dead_letters(of_dead_letters) {}

  /// A message as it was produced.
  struct record {
    std::string key;
    std::string value;
    std::uint64_t produced_at = 0; ///< event number of the ledger
  };

  /// One that was not reported on yet. The view is what the sink was given; its bytes have to stay.
  struct waiting {
    record what;
    std::string_view bytes;
    std::uint64_t ticket = 0;
    std::size_t life = 0;
  };

  ledger* truth;
  bool takes_dead_letters = false;
  bool corked = false; ///< accept nothing
  bool hold = false;   ///< accept, and report only when told
  bool weak = false;   ///< without replicas
  std::size_t queue = std::numeric_limits<std::size_t>::max();   ///< unreported messages it accepts
  std::function<delivery_outcome(const std::string& key)> judge; ///< default: acknowledged
  std::function<void()> before_open;                             ///< these three may throw
  std::function<void()> before_produce;
  std::function<void()> before_poll;
  std::vector<record> produced; ///< every accepted message, in order
  std::vector<waiting> pending;
  std::vector<delivery_report> reports; ///< of the sink that lives, not polled yet
  std::function<void()> wake;
  std::size_t lives = 0;
  bool alive = false;

  /// Reports on the n-th pending message.
  void settle(std::size_t n, delivery_outcome outcome = delivery_outcome::acknowledged) {
    const auto w = pending.at(n);
    pending.erase(pending.begin() + static_cast<std::ptrdiff_t>(n));
    EXPECT_EQ(w.bytes, w.what.value) << "the bytes of a message changed before its report";
    if (outcome == delivery_outcome::acknowledged && takes_dead_letters)
      truth->dead_lettered(w.what.value);
    else if (outcome == delivery_outcome::acknowledged)
      truth->acknowledged(w.what.key, w.what.produced_at);
    if (outcome == delivery_outcome::undeliverable && !takes_dead_letters)
      truth->undeliverable(w.what.key);
    reports.push_back({w.ticket, outcome});
    if (wake)
      wake();
  }

  void settle_all(delivery_outcome outcome = delivery_outcome::acknowledged) {
    while (!pending.empty())
      settle(0, outcome);
  }

  /// Accepts again and reports on everything.
  void uncork() {
    corked = false;
    hold = false;
    if (wake)
      wake();
  }

  std::size_t count(std::string_view key) const {
    return static_cast<std::size_t>(std::count_if(produced.begin(), produced.end(),
                                                  [&](const auto& r) { return r.key == key; }));
  }
};

/// One life of the sink.
class fake_sink final : public message_sink {
 public:
  explicit fake_sink(fake_broker& broker) : broker_(&broker) {
    if (broker.before_open)
      broker.before_open();
    EXPECT_FALSE(broker.alive) << "two sinks of one target at a time";
    broker.alive = true;
    life_ = ++broker.lives;
    broker.reports.clear();
  }

  ~fake_sink() override {
    if (life_ == 0)
      return;
    broker_->alive = false;
    broker_->wake = nullptr;
    broker_->pending.clear();
    broker_->reports.clear();
  }

  void on_ready(std::function<void()> wake) override { broker_->wake = std::move(wake); }

  std::size_t produce(std::span<const outgoing_message> messages) override {
    if (broker_->before_produce)
      broker_->before_produce();
    if (broker_->corked)
      return 0;
    std::size_t accepted = 0;
    for (const auto& m : messages) {
      if (broker_->pending.size() >= broker_->queue)
        break;
      fake_broker::record r{std::string{m.key}, std::string{m.value}, broker_->truth->tick()};
      broker_->produced.push_back(r);
      broker_->pending.push_back({std::move(r), m.value, m.ticket, life_});
      ++accepted;
      if (!broker_->hold)
        broker_->settle(broker_->pending.size() - 1, outcome(std::string{m.key}));
    }
    return accepted;
  }

  void poll(std::vector<delivery_report>& reports) override {
    if (broker_->before_poll)
      broker_->before_poll();
    if (!broker_->hold)
      while (!broker_->pending.empty())
        broker_->settle(0, outcome(broker_->pending.front().what.key));
    reports.insert(reports.end(), broker_->reports.begin(), broker_->reports.end());
    broker_->reports.clear();
  }

  condition state() const override {
    condition c;
    c.up = !broker_->corked;
    c.weak_durability = broker_->weak;
    if (!c.up) {
      c.reason = "the test corked it";
      c.error_class = "transport";
    }
    return c;
  }

 private:
  delivery_outcome outcome(const std::string& key) const {
    return broker_->judge ? broker_->judge(key) : delivery_outcome::acknowledged;
  }

  fake_broker* broker_;
  std::size_t life_ = 0;
};

} // namespace feedcast::testing
