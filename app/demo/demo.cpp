#include "app/demo/demo.hpp"

#include "app/actor_runtime.hpp"
#include "app/demo/ledger.hpp"
#include "app/demo/reader.hpp"
#include "app/demo/report.hpp"
#include "app/demo/world.hpp"
#include "app/demo/writer.hpp"
#include "app/exit_code.hpp"
#include "app/platform.hpp"
#include "app/readiness.hpp"
#include "app/signals.hpp"
#include "app/version.hpp"
#include "app/wiring.hpp"
#include "sinks/kafka/mock_cluster.hpp"

#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>

namespace feedcast::app {

namespace {

constexpr const char* topic = "cacheInvalidation";
constexpr int topic_partitions = 4;
constexpr milliseconds start_limit{30'000};
constexpr milliseconds quiet_limit{30'000};
const std::map<std::string, std::string> clusters{{"eu", "eu1"}, {"us", "us2"}};

template <class T>
T must(result<T> r, const char* what) {
  if (!r)
    throw std::runtime_error(std::string{"demo: "} + what + ": " + to_string(r.error()));
  return std::move(*r);
}

/// What the demo would have in its configuration file.
settings::service_config
configure(const demo_world& world,
          const std::map<std::string, std::unique_ptr<kafka::mock_cluster>>& kafkas) {
  settings::service_config c;
  world.configure(c);
  for (const auto& [name, cluster] : clusters) {
    auto& target = c.targets[name];
    target.cluster_id = cluster;
    target.feeds = {"whisks", "subjects"};
    target.kafka.brokers = kafkas.at(name)->bootstrap();
    target.kafka.topic = topic;
  }
  c.instance = "demo";
  c.tuning.poll.min = milliseconds{50};
  c.tuning.poll.max = milliseconds{200};
  c.tuning.page.max_items = 1000;
  return c;
}

/// Everything that runs, in the order in which it is built up; it goes down in reverse.
class stage {
 public:
  stage(const demo_options& options, ledger& book, demo_world& world)
      : options_(options)
      , book_(book)
      , world_(world)
      , shared_(1, {version, FEEDCAST_REVISION, ""}, "demo") {
    for (const auto& [name, cluster] : clusters) {
      auto& kafka = kafkas_[name] = std::make_unique<kafka::mock_cluster>();
      kafka->create_topic(topic, topic_partitions);
      readers_.push_back(std::make_unique<demo_reader>(name, kafka->bootstrap(), topic, book));
    }
    actors_.start(must(wire(configure(world_, kafkas_), shared_), "wiring"));
  }

  bool ready() const {
    const auto r = judge(shared_.health.snapshot());
    return r.ready && !r.degraded;
  }

  void start_writing() {
    document_writer::options o;
    o.rate = options_.rate;
    o.duration = std::chrono::seconds{options_.seconds};
    writer_ = std::make_unique<document_writer>(
        world_.store(), document_maker{clusters.at("eu"), clusters.at("us"), 1}, book_, o);
  }

  const document_writer& writer() const { return *writer_; }

  bool drain() { return actors_.drain(milliseconds{10'000}); }

  std::uint64_t corrupt() const {
    std::uint64_t sum = 0;
    for (const auto& r : readers_)
      sum += r->corrupt();
    return sum;
  }

 private:
  const demo_options& options_;
  ledger& book_;
  demo_world& world_;
  std::map<std::string, std::unique_ptr<kafka::mock_cluster>> kafkas_;
  std::vector<std::unique_ptr<demo_reader>> readers_;
  platform shared_;
  actor_runtime actors_{2};
  std::unique_ptr<document_writer> writer_;
};

} // namespace

int demo(const demo_options& options) {
  const termination_signals signals;
  ledger book{clusters};
  // Of the world and of those who write there, apart from the service's.
  http::runtime outside{2};
  const auto world =
      options.couchdb.empty() ? emulated_world(outside, options) : couch_world(outside, options);
  if (!world) {
    std::fprintf(stderr, "error: %s\n", world.error().detail.c_str());
    return exit_code_of(world.error().code);
  }
  stage all{options, book, **world};
  demo_report report{options, book};

  // Signals are the demo's clock: each wait is a tick, and a signal ends it early.
  const auto start = std::chrono::steady_clock::now();
  while (!all.ready()) {
    if (signals.wait_for(20) != 0)
      return exit_failure;
    if (std::chrono::steady_clock::now() - start > start_limit)
      throw std::runtime_error("demo: the service did not become ready");
  }
  all.start_writing();
  report.begin();
  while (!all.writer().finished()) {
    if (signals.wait_for(1000) != 0)
      return exit_failure;
    report.line(all.writer());
  }
  const auto quiet = std::chrono::steady_clock::now();
  while (!book.settled() && std::chrono::steady_clock::now() - quiet < quiet_limit)
    if (signals.wait_for(50) != 0)
      return exit_failure;
  const bool drained = all.drain();
  return report.finish(all.writer(), drained, all.corrupt()) ? exit_ok : exit_failure;
}

} // namespace feedcast::app
