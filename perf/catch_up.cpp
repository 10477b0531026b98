// How fast the whole line catches up: a full collection is read from its beginning through the
// emulator over loopback HTTP, filtered, serialized, produced to an in-process mock broker and
// acknowledged, with positions stored.
//
// Emulator, broker and service share this process and its cores, so the figure is what one machine
// does at both ends. Filling the emulator is not part of the time. A quarter of the documents are
// the target's own and are filtered. Usage: feedcast-perf-catch-up [documents] [ranges] [profile
// values: page.max_items] [--json]
#include "app/actor_runtime.hpp"
#include "app/demo/documents.hpp"
#include "app/platform.hpp"
#include "app/wiring.hpp"
#include "core/log.hpp"
#include "emulator/document.hpp"
#include "emulator/emulator.hpp"
#include "sinks/kafka/mock_cluster.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <vector>

namespace {

using namespace feedcast;
using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point t) {
  return std::chrono::duration<double>(steady::now() - t).count();
}

double cpu_seconds() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(use.ru_utime) + of(use.ru_stime);
}

std::size_t fill(emulator::container& whisks, std::size_t count) {
  app::document_maker maker{"eu1", "us2", 7};
  std::size_t bytes = 0;
  for (std::size_t n = 0; n < count;) {
    const auto d = maker.next();
    if (d.subject)
      continue;
    // Every document its own id: an update would move one instead of adding one.
    auto body = d.body;
    body.replace(body.find(R"("id":")") + 6, 0, std::to_string(n) + "-");
    const auto read = emulator::read_document(body, whisks.key_names());
    if (!read || !whisks.write(emulator::write_mode::create, *read))
      throw std::runtime_error("the emulator refused a document");
    bytes += body.size();
    ++n;
  }
  return bytes;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args{argv + 1, argv + argc};
  const bool json = std::erase(args, "--json") > 0;
  const auto number = [&](std::size_t i, unsigned long otherwise) {
    return i < args.size() ? std::strtoul(args[i].c_str(), nullptr, 10) : otherwise;
  };
  const auto documents = number(0, 500'000);
  const auto ranges = static_cast<std::uint32_t>(number(1, 4));
  const auto page = static_cast<std::uint32_t>(number(2, 2000));
  log::configure(log::level::warn, log::format::logfmt);

  http::runtime world{1};
  emulator::emulator_options e;
  e.listen = "127.0.0.1:0";
  e.max_memory = std::uint64_t{8} << 30U;
  auto cosmos = emulator::emulator::start(world, std::move(e));
  if (!cosmos)
    throw std::runtime_error(to_string(cosmos.error()));
  auto whisks = (*cosmos)->create_container("openwhisk", "whisks", ranges);
  if (!whisks)
    throw std::runtime_error(to_string(whisks.error()));
  const auto bytes = fill(**whisks, documents);
  kafka::mock_cluster kafka;
  kafka.create_topic("cacheInvalidation", 4);

  settings::service_config c;
  c.accounts["main"].endpoint = (*cosmos)->url();
  c.accounts["main"].key = settings::secret{(*cosmos)->key()};
  c.accounts["main"].database = "openwhisk";
  c.feeds["whisks"].account = "main";
  c.feeds["whisks"].collection = "whisks";
  c.feeds["whisks"].start = settings::start_kind::beginning;
  auto& target = c.targets["eu"];
  target.cluster_id = "eu1";
  target.feeds = {"whisks"};
  target.kafka.brokers = kafka.bootstrap();
  c.instance = "perf";
  c.tuning.page.max_items = page;
  c.tuning.request_units.share = {}; // as fast as it goes
  c.tuning.window = {std::uint64_t{64} << 20U, 500'000, 64};
  c.tuning.produce.linger = milliseconds{20};

  app::platform shared{1, {}, "perf"};
  auto tree = app::wire(c, shared);
  if (!tree)
    throw std::runtime_error(to_string(tree.error()));
  const auto& probe = *tree->targets[0].collections[0].probe;
  using metrics::change_outcome;
  const auto settled = [&] {
    return probe.changes[change_outcome::acked].value()
           + probe.changes[change_outcome::origin_suppressed].value()
           + probe.changes[change_outcome::coalesced].value();
  };
  const auto cpu = cpu_seconds();
  const auto start = steady::now();
  app::actor_runtime actors{2};
  actors.start(std::move(*tree));
  while (settled() < static_cast<double>(documents) && seconds_since(start) < 120)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const auto took = seconds_since(start);
  const auto cpu_used = cpu_seconds() - cpu;
  const bool complete = settled() >= static_cast<double>(documents);
  const bool drained = actors.drain(milliseconds{10'000});
  const auto rate = static_cast<double>(documents) / took;
  if (json)
    std::printf(
        "{\"documents\":%lu,\"bytes\":%zu,\"ranges\":%u,\"seconds\":%.3f,\"changes_per_s\":%.0f,"
        "\"cpu_seconds\":%.2f,\"complete\":%s,\"drained\":%s}\n",
        documents, bytes, ranges, took, rate, cpu_used, complete ? "true" : "false",
        drained ? "true" : "false");
  else
    std::printf("catch-up  %lu documents (%.0f MB, %u ranges, pages of %u) in %.2f s\n"
                "          %.0f changes/s acknowledged end to end, %.0f MB/s of pages\n"
                "          %.2f CPU seconds per million changes, emulator and broker included\n",
                documents, static_cast<double>(bytes) / 1e6, ranges, page, took, rate,
                static_cast<double>(bytes) / 1e6 / took,
                cpu_used * 1e6 / static_cast<double>(documents));
  return complete && drained ? 0 : 1;
}
