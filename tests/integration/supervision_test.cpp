// Every kind of actor is killed by a thrown exception while changes stream in over HTTP and out to
// a broker, and the broker stands still for 30 s. The demo's ledger is the judge: each write is
// owed a message produced after it began.
#include "app/actor_runtime.hpp"
#include "app/demo/cosmos_store.hpp"
#include "app/demo/reader.hpp"
#include "app/demo/writer.hpp"
#include "app/platform.hpp"
#include "app/readiness.hpp"
#include "app/wiring.hpp"
#include "emulator/emulator.hpp"
#include "feeds/cosmos/http_transport.hpp"
#include "sinks/kafka/mock_cluster.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <thread>

using namespace feedcast;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t window_keys = 3000;
constexpr std::uint32_t page_items = 200;
constexpr std::uint32_t ranges = 2;

/// Throws at every n-th call, as a bug in our own code would.
class saboteur {
 public:
  explicit saboteur(std::uint64_t every) : every_(every) {}

  void operator()(const char* what) {
    if (armed && ++calls_ % every_ == 0)
      throw std::runtime_error(std::string{"sabotage in "} + what);
  }

  std::atomic<bool> armed{false};

 private:
  std::uint64_t every_;
  std::atomic<std::uint64_t> calls_{0};
};

class bad_source final : public change_source {
 public:
  bad_source(std::shared_ptr<change_source> inner, saboteur& hurt)
      : inner_(std::move(inner)), hurt_(hurt) {}

  void ranges(callback<std::vector<feed_range>> done) override { inner_->ranges(std::move(done)); }

  void fetch(fetch_request request, callback<feed_page_ptr> done) override {
    hurt_("fetch");
    inner_->fetch(std::move(request), std::move(done));
  }

 private:
  std::shared_ptr<change_source> inner_;
  saboteur& hurt_;
};

class bad_sink final : public message_sink {
 public:
  bad_sink(std::unique_ptr<message_sink> inner, saboteur& hurt)
      : inner_(std::move(inner)), hurt_(hurt) {}

  void on_ready(std::function<void()> wake) override { inner_->on_ready(std::move(wake)); }

  std::size_t produce(std::span<const outgoing_message> messages) override {
    return inner_->produce(messages);
  }

  void poll(std::vector<delivery_report>& reports) override {
    hurt_("poll");
    inner_->poll(reports);
  }

  condition state() const override { return inner_->state(); }

 private:
  std::unique_ptr<message_sink> inner_;
  saboteur& hurt_;
};

class bad_leases final : public lease_store {
 public:
  bad_leases(std::shared_ptr<lease_store> inner, saboteur& hurt)
      : inner_(std::move(inner)), hurt_(hurt) {}

  void open(callback<lease_store_state> done) override { inner_->open(std::move(done)); }

  void list(callback<lease_listing> done) override { inner_->list(std::move(done)); }

  void lock(callback<milliseconds> done) override { inner_->lock(std::move(done)); }

  void unlock(callback<bool> done) override { inner_->unlock(std::move(done)); }

  void create(lease l, callback<lease> done) override {
    inner_->create(std::move(l), std::move(done));
  }

  void replace(lease l, callback<lease> done) override {
    hurt_("replace");
    inner_->replace(std::move(l), std::move(done));
  }

  void read(std::string range_id, callback<lease> done) override {
    inner_->read(std::move(range_id), std::move(done));
  }

  void remove(lease l, callback<bool> done) override {
    inner_->remove(std::move(l), std::move(done));
  }

  void mark_initialised(wall_time at, callback<bool> done) override {
    inner_->mark_initialised(at, std::move(done));
  }

  lease_costs costs() const override { return inner_->costs(); }

 private:
  std::shared_ptr<lease_store> inner_;
  saboteur& hurt_;
};

template <class T>
T must(result<T> r) {
  if (!r)
    throw std::runtime_error(to_string(r.error()));
  return std::move(*r);
}

class supervision : public ::testing::Test {
 protected:
  supervision() {
    emulator::emulator_options e;
    e.listen = "127.0.0.1:0";
    cosmos_ = must(emulator::emulator::start(world_, std::move(e)));
    for (const auto* name : {"whisks", "subjects"})
      must(cosmos_->create_container("openwhisk", name, ranges));
    kafka_.create_topic("cacheInvalidation", 4);
    reader_ =
        std::make_unique<app::demo_reader>("eu", kafka_.bootstrap(), "cacheInvalidation", book_);
    actors_.start(sabotage(must(app::wire(config(), shared_))));
    eventually("the service is ready", [&] {
      const auto r = app::judge(shared_.health.snapshot());
      return r.ready && !r.degraded;
    });
  }

  settings::service_config config() {
    settings::service_config c;
    c.accounts["main"].endpoint = cosmos_->url();
    c.accounts["main"].key = settings::secret{cosmos_->key()};
    c.accounts["main"].database = "openwhisk";
    for (const auto* name : {"whisks", "subjects"}) {
      c.feeds[name].account = "main";
      c.feeds[name].collection = name;
      c.feeds[name].identities_feed = std::string_view{name} == "subjects";
    }
    auto& t = c.targets["eu"];
    t.cluster_id = "eu1";
    t.feeds = {"whisks", "subjects"};
    t.kafka.brokers = kafka_.bootstrap();
    c.instance = "test";
    c.tuning.poll.min = 10ms;
    c.tuning.poll.max = 50ms;
    c.tuning.page.max_items = page_items;
    c.tuning.window.keys = window_keys;
    c.tuning.checkpoint.interval = 100ms;
    c.tuning.produce.message_timeout = 5s;
    return c;
  }

  service_arguments sabotage(service_arguments args) {
    auto& target = args.targets[0];
    // Escalation within the test's time: a child may fail three times in two seconds.
    const restart_options quick{
        .delay = {.first = 20ms, .cap = 200ms}, .max_restarts = 3, .window = 2s, .stable = 5s};
    target.restarts = quick;
    target.delivery.open_sink =
        [this, open = target.delivery.open_sink]() -> std::unique_ptr<message_sink> {
      if (failing_opens_ > 0) {
        --failing_opens_;
        throw std::runtime_error("sabotage in open");
      }
      return std::make_unique<bad_sink>(open(), sink_);
    };
    for (auto& c : target.collections) {
      c.open_source = [this, open = c.open_source]() -> std::shared_ptr<change_source> {
        return std::make_shared<bad_source>(open(), source_);
      };
      c.open_leases = [this, open = c.open_leases]() -> std::shared_ptr<lease_store> {
        return std::make_shared<bad_leases>(open(), leases_);
      };
    }
    return args;
  }

  std::unique_ptr<app::document_writer> write_for(milliseconds duration, int rate) {
    cosmos::account_options a;
    a.endpoint = cosmos_->url();
    a.key = settings::secret{cosmos_->key()};
    return std::make_unique<app::document_writer>(
        std::make_shared<app::cosmos_store>(
            must(cosmos::account::open(std::move(a), cosmos::http_transports(world_, {}))),
            must(cosmos::collection_ref::make("openwhisk", "whisks")),
            must(cosmos::collection_ref::make("openwhisk", "subjects"))),
        app::document_maker{"eu1", "us2", 5}, book_,
        app::document_writer::options{.rate = rate, .duration = duration, .in_flight = 32});
  }

  /// Looks until it is so; the events come from many threads of several libraries and have no bell
  /// in common.
  static void eventually(const char* what, const std::function<bool()>& so,
                         milliseconds limit = 180s) {
    const auto end = std::chrono::steady_clock::now() + limit;
    while (!so()) {
      ASSERT_LT(std::chrono::steady_clock::now(), end) << "not in time: " << what;
      std::this_thread::sleep_for(5ms);
    }
  }

  double restarts(metrics::actor_kind kind) const {
    double sum = 0;
    for (const auto why : {metrics::restart_reason::exception, metrics::restart_reason::failure,
                           metrics::restart_reason::escalated})
      sum += shared_.service.restarts(kind, why).value();
    return sum;
  }

  std::atomic<int> failing_opens_{0};
  saboteur source_{50};
  saboteur sink_{150};
  saboteur leases_{20};
  app::ledger book_{{{"eu", "eu1"}}};
  http::runtime world_{1};
  std::unique_ptr<emulator::emulator> cosmos_;
  kafka::mock_cluster kafka_;
  std::unique_ptr<app::demo_reader> reader_;
  app::platform shared_{1, {}, "test"};
  app::actor_runtime actors_{2};
};

} // namespace

TEST_F(supervision, every_kind_of_actor_dies_under_load_and_nothing_is_lost) {
  source_.armed = sink_.armed = leases_.armed = true;
  const auto writer = write_for(8s, 1000);
  eventually("partitions, deliveries and collections were restarted", [&] {
    return restarts(metrics::actor_kind::partition) > 0
           && restarts(metrics::actor_kind::delivery) > 0
           && restarts(metrics::actor_kind::collection) > 0;
  });
  // A delivery that can't be opened any more takes its target with it, and the target comes back.
  failing_opens_ = 8;
  eventually("the target was restarted", [&] { return restarts(metrics::actor_kind::target) > 0; });
  eventually("all is written", [&] { return writer->finished(); });
  source_.armed = sink_.armed = leases_.armed = false;
  eventually("every write arrived", [&] { return book_.settled(); });
  EXPECT_GT(book_.of("eu").expected, 1000U);
  EXPECT_EQ(book_.of("eu").open, 0U);
  EXPECT_EQ(reader_->corrupt(), 0U);
  EXPECT_EQ(book_.of("eu").unknown, 0U);
  EXPECT_NE(shared_.registry.serialize().find("feedcast_actor_restarts_total"), std::string::npos);
  EXPECT_TRUE(actors_.drain(10s));
}

TEST_F(supervision, a_broker_that_stands_still_for_30_s_costs_a_window_and_loses_nothing) {
  const auto writer = write_for(40s, 1000);
  eventually("it flows", [&] { return book_.of("eu").delivered > 100; });
  kafka_.set_down();
  // The stall is what is tested, so it lasts by the clock; meanwhile the bound is watched.
  const auto end = std::chrono::steady_clock::now() + 30s;
  const auto bound = ranges * (window_keys + 2 * page_items);
  double most = 0;
  while (std::chrono::steady_clock::now() < end) {
    double keys = 0;
    for (const auto* feed : {"whisks", "subjects"})
      keys += shared_.registry
                  .make_gauge(metrics::names::window_keys, {{"target", "eu"}, {"feed", feed}})
                  .value();
    most = std::max(most, keys);
    std::this_thread::sleep_for(100ms);
  }
  EXPECT_GT(most, window_keys / 2) << "the stall was never felt";
  EXPECT_LE(most, 2 * bound);
  kafka_.set_up();
  eventually("all is written", [&] { return writer->finished(); });
  eventually("every write arrived", [&] { return book_.settled(); });
  EXPECT_EQ(reader_->corrupt(), 0U);
  EXPECT_TRUE(actors_.drain(10s));
}
