// Mode all-versions from the emulator over HTTP to a broker: hard deletes and expiries arrive,
// through a split, restarts, a switch of the mode and the loss of a position. Documents are stamped
// by the target's own cluster, so that no message but those of deletes is owed, unless a test says
// so.
#include "app/actor_runtime.hpp"
#include "app/platform.hpp"
#include "app/readiness.hpp"
#include "app/wiring.hpp"
#include "emulator/emulator.hpp"
#include "emulator/epk.hpp"
#include "pipeline/openwhisk/message.hpp"
#include "sinks/kafka/mock_cluster.hpp"
#include "sinks/kafka/topic_reader.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <set>
#include <stdexcept>
#include <thread>

using namespace feedcast;
using namespace std::chrono_literals;

namespace {

template <class T>
T must(result<T> r) {
  if (!r)
    throw std::runtime_error(to_string(r.error()));
  return std::move(*r);
}

/// This machine's time, but for a jump.
class jumping_clock final : public clock_source {
 public:
  steady_time steady() const override { return system_clock_source().steady() + jump_.load(); }

  wall_time wall() const override { return system_clock_source().wall() + jump_.load(); }

  void jump(std::chrono::seconds by) { jump_ = by; }

 private:
  std::atomic<std::chrono::seconds> jump_{0s};
};

class all_versions_service : public ::testing::Test {
 protected:
  all_versions_service() {
    emulator::emulator_options e;
    e.listen = "127.0.0.1:0";
    e.clock = &clock_;
    cosmos_ = must(emulator::emulator::start(world_, std::move(e)));
    whisks_ = must(cosmos_->create_container("openwhisk", "whisks", 2));
    kafka_.create_topic("cacheInvalidation", 4);
    reader_ = must(kafka::topic_reader::open(kafka_.bootstrap(), "cacheInvalidation"));
  }

  ~all_versions_service() override { stop(); }

  settings::service_config config(settings::feed_mode mode) const {
    settings::service_config c;
    c.accounts["main"].endpoint = cosmos_->url();
    c.accounts["main"].key = settings::secret{cosmos_->key()};
    c.accounts["main"].database = "openwhisk";
    auto& feed = c.feeds["whisks"];
    feed.account = "main";
    feed.collection = "whisks";
    feed.mode = mode;
    auto& t = c.targets["eu"];
    t.cluster_id = "own";
    t.feeds = {"whisks"};
    t.kafka.brokers = kafka_.bootstrap();
    c.instance = "test";
    c.tuning.poll.min = 10ms;
    c.tuning.poll.max = 50ms;
    c.tuning.checkpoint.interval = 100ms;
    return c;
  }

  void start(settings::feed_mode mode = settings::feed_mode::all_versions) {
    shared_ = std::make_unique<app::platform>(1, metrics::service_facts{}, "test");
    actors_ = std::make_unique<app::actor_runtime>(2);
    actors_->start(must(app::wire(config(mode), *shared_)));
    eventually("the service is ready", [&] {
      const auto r = app::judge(shared_->health.snapshot());
      return r.ready && !r.degraded;
    });
  }

  void stop() {
    if (!actors_)
      return;
    EXPECT_TRUE(actors_->drain(20s));
    actors_.reset();
    shared_.reset();
  }

  void write(const std::string& id, const std::string& more, const char* cluster = "own") {
    const auto text = R"({"id":")" + id + R"(","entityType":"action","_clusterId":")" + cluster
                      + '"' + more + '}';
    const auto in = emulator::read_document(text, {"id"});
    ASSERT_TRUE(in);
    ASSERT_TRUE(whisks_->write(emulator::write_mode::upsert, *in));
  }

  void remove(const std::string& id) {
    ASSERT_TRUE(whisks_->remove(emulator::document_name{id, emulator::effective_partition_key(id)}))
        << id;
  }

  /// The distinct keys of the topic so far, those that begin so.
  std::size_t told(const std::string& beginning) {
    for (const auto& m : reader_->poll(10ms))
      keys_.insert(m.key);
    const auto from = keys_.lower_bound(beginning);
    return static_cast<std::size_t>(
        std::distance(from, std::find_if(from, keys_.end(), [&](const auto& key) {
                        return !key.starts_with(beginning);
                      })));
  }

  /// Looks until it is so; the events come from threads of several libraries.
  static void eventually(const char* what, const std::function<bool()>& so,
                         milliseconds limit = 120s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "not in time: " << what;
      std::this_thread::sleep_for(5ms);
    }
  }

  double deletes_lost() {
    return shared_->registry
        .make_counter(metrics::names::deletes_lost, {{"target", "eu"}, {"feed", "whisks"}})
        .value();
  }

  jumping_clock clock_;
  http::runtime world_{1};
  std::unique_ptr<emulator::emulator> cosmos_;
  emulator::container_ptr whisks_;
  kafka::mock_cluster kafka_;
  std::unique_ptr<kafka::topic_reader> reader_;
  std::set<std::string> keys_;
  std::unique_ptr<app::platform> shared_;
  std::unique_ptr<app::actor_runtime> actors_;
};

} // namespace

TEST_F(all_versions_service, ten_thousand_deletes_and_expiries_reach_the_topic) {
  constexpr int half = 5'000;
  start();
  for (int i = 0; i < half; ++i) {
    write("hard|" + std::to_string(i), "");
    write("ttl|" + std::to_string(i), R"(,"ttl":)" + std::to_string(1 + i % 3));
  }
  for (int i = 0; i < half; ++i) {
    if (i == half / 4) {
      ASSERT_TRUE(whisks_->split("0"));
    }
    if (i == half / 2) {
      eventually("some are told", [&] { return told("hard/") > 100; });
      stop(); // the rest of the first half happens while nobody reads
    }
    if (i == 3 * half / 4)
      start();
    remove("hard|" + std::to_string(i));
  }
  eventually("all hard deletes are told", [&] { return told("hard/") == half; });
  eventually("all expiries are told", [&] { return told("ttl/") == half; });
  std::printf("deletes that reached the topic: %zu hard, %zu expired, of %d\n", told("hard/"),
              told("ttl/"), 2 * half);
  EXPECT_EQ(keys_.size(), std::size_t{2 * half}) << "a write of the own cluster was told";
  EXPECT_EQ(deletes_lost(), 0);
}

TEST_F(all_versions_service, a_switch_of_the_mode_passes_over_nothing) {
  start(settings::feed_mode::latest);
  write("ns|before", "", "other");
  eventually("the latest version is told", [&] { return told("ns/before") == 1; });
  stop();
  write("ns|between", "", "other");
  start(settings::feed_mode::all_versions);
  eventually("what was written between is told", [&] { return told("ns/between") == 1; });
  write("own|after", "");
  remove("own|after");
  eventually("a delete is told", [&] { return told("own/after") == 1; });
}

TEST_F(all_versions_service, a_lost_position_costs_deletes_of_its_time_alone_and_says_so) {
  ASSERT_TRUE(whisks_->redefine(*emulator::read_container_spec(
      R"({"id":"whisks","partitionKey":{"paths":["/id"]},"defaultTtl":-1,)"
      R"("changeFeedPolicy":{"retentionDuration":1}})")));
  write("own|unseen", "");
  start();
  write("own|seen", "");
  remove("own|seen");
  eventually("a delete is told", [&] { return told("own/seen") == 1; });
  stop();

  remove("own|unseen");
  write("ns|changed", "", "other");
  clock_.jump(90s);
  write("own|later", ""); // the history is cut by the next write
  start();
  eventually("the position is given up", [&] { return deletes_lost() > 0; });
  eventually("changes are told all the same", [&] { return told("ns/changed") == 1; });
  remove("own|later");
  eventually("deletes are told again", [&] { return told("own/later") == 1; });
  EXPECT_EQ(told("own/unseen"), 0U);
}

TEST_F(all_versions_service, the_guard_shows_in_metrics_and_status) {
  start(settings::feed_mode::latest);
  const auto shown = [&](const char* finding) {
    const auto text = shared_->registry.serialize();
    return text.find(std::string{R"(feedcast_delete_guard{feed="whisks",reason=")"} + finding
                     + R"(",target="eu"} 1)")
           != std::string::npos;
  };
  eventually("nothing is known of deletes", [&] { return shown("deletes_invisible"); });
  const auto status = shared_->health.snapshot();
  const auto& warnings = status.processors.begin()->second.summary.deletes;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].finding, "deletes_invisible");
}
