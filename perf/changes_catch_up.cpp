// How fast a CouchDB feed of millions of rows is read from its beginning: rows as a real server
// sent them, served over loopback HTTP, parsed, produced to an in-process mock broker and
// acknowledged, with positions stored; and what memory that takes.
//
// Server, broker and service share this process and its cores. Usage:
// feedcast-perf-changes-catch-up [rows] [rows-per-page] [transcript] [--json]
#include "app/actor_runtime.hpp"
#include "app/platform.hpp"
#include "app/wiring.hpp"
#include "core/log.hpp"
#include "http/server.hpp"
#include "perf/recorded_rows.hpp"
#include "sinks/kafka/mock_cluster.hpp"

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <sys/resource.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

using namespace feedcast;
using steady = std::chrono::steady_clock;

double seconds_since(steady::time_point t) {
  return std::chrono::duration<double>(steady::now() - t).count();
}

rusage used() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
  return use;
}

double cpu_seconds() {
  const auto use = used();
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return of(use.ru_utime) + of(use.ru_stime);
}

std::uint64_t parameter(const std::string& query, const std::string& name) {
  const auto at = ("&" + query).find("&" + name + "=");
  return at == std::string::npos ? 0
                                 : std::strtoull(query.c_str() + at + name.size() + 1, nullptr, 10);
}

/// A database of so many documents, of which nothing changes.
http::handler database_of(const perf::recorded_rows& rows, std::uint64_t count) {
  return [&rows, count](const http::server_request& r, const http::responder& done) {
    http::server_response answer;
    answer.headers.set("content-type", "application/json");
    const auto newest = std::to_string(count) + "-g1AAAA";
    if (!r.path.ends_with("/_changes")) {
      answer.body = R"({"uuid":"perf","instance_start_time":"1","update_seq":")" + newest + "\"}";
    } else if (r.query.find("feed=continuous") != std::string::npos) {
      answer.body = R"({"last_seq":")" + newest + "\",\"pending\":0}\n";
      answer.delay = std::chrono::seconds{1};
    } else {
      const auto from = parameter(r.query, "since");
      const auto to = std::min(count, from + parameter(r.query, "limit"));
      answer.body = "{\"results\":[\n";
      for (auto n = from + 1; n <= to; ++n)
        rows.append(answer.body, n, n < to ? ",\n" : "\n");
      answer.body += "],\n\"last_seq\":\"" + std::to_string(to)
                     + "-g1AAAA\",\"pending\":" + std::to_string(count - to) + "}\n";
    }
    done(std::move(answer));
  };
}

settings::service_config configuration(const std::string& server, const std::string& brokers,
                                       const std::string& folder, std::uint32_t page) {
  settings::service_config c;
  c.accounts["couch"].type = "couchdb";
  c.accounts["couch"].endpoint = server;
  c.feeds["whisks"].account = "couch";
  c.feeds["whisks"].collection = "whisks";
  c.feeds["whisks"].start = settings::start_kind::beginning;
  auto& target = c.targets["eu"];
  target.cluster_id = "eu1";
  target.feeds = {"whisks"};
  target.kafka.brokers = brokers;
  c.leases.store = settings::lease_store_kind::file;
  c.leases.path = folder;
  c.instance = "perf";
  c.tuning.page.max_items = page;
  c.tuning.window = {std::uint64_t{64} << 20U, 500'000, 64};
  c.tuning.produce.linger = milliseconds{20};
  return c;
}

} // namespace

int main(int argc, char** argv) {
  std::vector<std::string> args{argv + 1, argv + argc};
  const bool json = std::erase(args, "--json") > 0;
  const auto number = [&](std::size_t i, unsigned long otherwise) {
    return i < args.size() ? std::strtoul(args[i].c_str(), nullptr, 10) : otherwise;
  };
  const auto count = number(0, 1'000'000);
  const auto page = static_cast<std::uint32_t>(number(1, 2000));
  log::configure(log::level::error, log::format::logfmt);

  const perf::recorded_rows rows{args.size() > 2 ? args[2] : perf::recorded_rows::a_transcript};
  http::runtime world{1};
  const auto server = http::server::start(world, {}, database_of(rows, count));
  if (!server)
    throw std::runtime_error(to_string(server.error()));
  kafka::mock_cluster kafka;
  kafka.create_topic("cacheInvalidation", 4);
  const auto folder =
      std::filesystem::temp_directory_path() / ("feedcast-perf-" + std::to_string(::getpid()));

  app::platform shared{1, {}, "perf"};
  const auto config = configuration((*server)->url(), kafka.bootstrap(), folder.string(), page);
  auto tree = app::wire(config, shared);
  if (!tree)
    throw std::runtime_error(to_string(tree.error()));
  const auto& probe = *tree->targets[0].collections[0].probe;
  using metrics::change_outcome;
  const auto settled = [&] {
    return probe.changes[change_outcome::acked].value()
           + probe.changes[change_outcome::coalesced].value();
  };
  const auto cpu = cpu_seconds();
  const auto start = steady::now();
  app::actor_runtime actors{2};
  actors.start(std::move(*tree));
  while (settled() < static_cast<double>(count) && seconds_since(start) < 300)
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  const auto took = seconds_since(start);
  const auto cpu_used = cpu_seconds() - cpu;
  const bool complete = settled() >= static_cast<double>(count);
  const bool drained = actors.drain(milliseconds{10'000});
  std::filesystem::remove_all(folder);
  const auto rate = static_cast<double>(count) / took;
  const auto megabytes = static_cast<double>(used().ru_maxrss) / 1024;
  if (json)
    std::printf("{\"rows\":%lu,\"page_rows\":%u,\"seconds\":%.3f,\"rows_per_s\":%.0f,"
                "\"cpu_seconds\":%.2f,\"max_rss_mib\":%.0f,\"complete\":%s,\"drained\":%s}\n",
                count, page, took, rate, cpu_used, megabytes, complete ? "true" : "false",
                drained ? "true" : "false");
  else
    std::printf("changes   %lu rows (pages of %u) in %.2f s\n"
                "          %.0f rows/s acknowledged end to end\n"
                "          %.2f CPU seconds per million rows, server and broker included; at most "
                "%.0f MiB resident\n",
                count, page, took, rate, cpu_used * 1e6 / static_cast<double>(count), megabytes);
  return complete && drained ? 0 : 1;
}
