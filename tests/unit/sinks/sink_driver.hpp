#pragma once

#include "sinks/kafka/kafka_sink.hpp"
#include "sinks/kafka/mock_cluster.hpp"
#include "sinks/kafka/topic_reader.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::kafka::testing {

using namespace std::chrono_literals;

/// Longer than anything here may take, even under sanitizers on a loaded machine.
inline constexpr auto patience = 30s;

inline kafka_options options_for(const std::string& brokers) {
  kafka_options o;
  o.name = "test";
  o.brokers = brokers;
  o.topic = "cacheInvalidation";
  o.linger = 1ms;
  return o;
}

/// Messages whose bytes lie in one buffer, as a batch has them.
class message_set {
 public:
  message_set(std::size_t count, std::uint64_t first_ticket = 0, std::size_t padding = 0) {
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < count; ++i) {
      const auto key = "guest/action" + std::to_string(first_ticket + i);
      places.emplace_back(bytes_.size(), key.size());
      bytes_ += key;
      bytes_ += R"({"instanceId":"cache-invalidator","key":{"mainId":")" + key + "\"}}"
                + std::string(padding, ' ');
    }
    for (std::size_t i = 0; i < count; ++i) {
      const auto [at, key_size] = places[i];
      const auto end = i + 1 < count ? places[i + 1].first : bytes_.size();
      const std::string_view all{bytes_};
      messages_.push_back({.value = all.substr(at + key_size, end - at - key_size),
                           .key = all.substr(at, key_size),
                           .ticket = first_ticket + i});
    }
  }

  message_set(const message_set&) = delete;
  message_set& operator=(const message_set&) = delete;

  std::span<const outgoing_message> all() const { return messages_; }

  const outgoing_message& operator[](std::size_t i) const { return messages_[i]; }

 private:
  std::string bytes_;
  std::vector<outgoing_message> messages_;
};

/// Owns a sink as the delivery actor does: polls when the bell rings and every 100 ms at the
/// latest.
class sink_driver {
  // Declared first, to outlive the sink, whose threads ring.
  std::mutex mutex_;
  std::condition_variable bell_;
  bool rung_ = false;

 public:
  explicit sink_driver(kafka_options options) {
    auto opened = kafka_sink::open(std::move(options));
    if (!opened)
      throw std::runtime_error(to_string(opened.error()));
    sink = std::move(*opened);
    sink->on_ready([this] {
      const std::lock_guard lock{mutex_};
      rung_ = true;
      bell_.notify_one();
    });
  }

  void poll() {
    std::vector<delivery_report> reports;
    sink->poll(reports);
    for (const auto& r : reports) {
      outcomes[r.ticket].push_back(r.outcome);
      ++counts[r.outcome];
    }
  }

  /// Polls until `done()`; false if patience runs out.
  template <class Done>
  bool poll_until(Done done, std::chrono::milliseconds limit = patience) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    for (;;) {
      poll();
      if (done())
        return true;
      std::unique_lock lock{mutex_};
      bell_.wait_for(lock, 100ms, [this] { return rung_; });
      rung_ = false;
      if (std::chrono::steady_clock::now() > deadline)
        return false;
    }
  }

  /// What the first call takes that takes any. On a starved machine the sink may think its cluster
  /// silent for a moment, and takes none then.
  std::size_t produce_some(std::span<const outgoing_message> messages) {
    std::size_t taken = 0;
    poll_until([&] { return (taken = sink->produce(messages)) > 0; });
    return taken;
  }

  /// Produces all, however many calls it takes.
  bool produce_all(const message_set& set) {
    auto rest = set.all();
    return poll_until([&] {
      rest = rest.subspan(sink->produce(rest));
      return rest.empty();
    });
  }

  /// As the delivery actor does: what comes back as `retry` is produced again until all is
  /// acknowledged.
  bool deliver_all(const message_set& set) {
    std::vector<outgoing_message> todo(set.all().begin(), set.all().end());
    const auto first = set.all().front().ticket;
    std::vector<bool> acknowledged(todo.size());
    std::size_t left = todo.size();
    outcomes.clear(); // of what went before
    return poll_until([&] {
      for (const auto& [ticket, reports] : std::exchange(outcomes, {}))
        for (const auto outcome : reports) {
          if (ticket < first || ticket - first >= acknowledged.size())
            continue;
          if (outcome == delivery_outcome::retry)
            todo.push_back(set[ticket - first]);
          if (outcome == delivery_outcome::acknowledged && !acknowledged[ticket - first]) {
            acknowledged[ticket - first] = true;
            --left;
          }
        }
      todo.erase(todo.begin(), todo.begin() + static_cast<std::ptrdiff_t>(sink->produce(todo)));
      return left == 0;
    });
  }

  bool poll_until_reported(std::size_t messages) {
    return poll_until([&] { return outcomes.size() >= messages; });
  }

  std::size_t count(delivery_outcome outcome) { return counts[outcome]; }

  std::unique_ptr<kafka_sink> sink;
  std::map<std::uint64_t, std::vector<delivery_outcome>> outcomes; ///< by ticket
  std::map<delivery_outcome, std::size_t> counts;
};

/// A topic of its own for each test on one mock cluster for all: a mock cluster takes a second to
/// close.
struct mock_cluster_test : ::testing::Test {
  mock_cluster_test() {
    static int topics = 0;
    options.topic = "topic" + std::to_string(++topics);
  }

  ~mock_cluster_test() override {
    cluster.clear_errors(mock_cluster::api::produce);
    cluster.set_round_trip(0ms);
    cluster.set_up();
  }

  static mock_cluster& shared() {
    static mock_cluster cluster;
    return cluster;
  }

  mock_cluster& cluster = shared();
  kafka_options options = options_for(cluster.bootstrap());
};

/// Everything in the topic, as soon as there are at least `count` messages.
inline std::vector<read_message> read_topic(const std::string& brokers, const std::string& topic,
                                            std::size_t count) {
  auto reader = topic_reader::open(brokers, topic);
  if (!reader)
    throw std::runtime_error(to_string(reader.error()));
  std::vector<read_message> all;
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (all.size() < count && std::chrono::steady_clock::now() < deadline) {
    auto more = (*reader)->poll(500ms);
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
  }
  return all;
}

} // namespace feedcast::kafka::testing
