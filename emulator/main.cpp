// feedcast-emulator: the Cosmos DB emulator as a program of its own.

#include "core/log.hpp"
#include "emulator/emulator.hpp"
#include "emulator/program_options.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

namespace {

namespace emulator = feedcast::emulator;

// Exit codes that all programs of this project share.
constexpr int exit_ok = 0;
constexpr int exit_usage = 64;
constexpr int exit_unavailable = 69;

/// What the service lets a range of a serverless account do.
constexpr double serverless_units = 5000;

constexpr const char* examples = R"(
Examples:
  feedcast-emulator --create openwhisk/whisks:4
      container "whisks" in database "openwhisk", four ranges, partitioned by /id
  feedcast-emulator --tls --write-certificate emulator.pem
      https with a certificate made at the start; clients trust emulator.pem
  curl -X POST -d '{"operation":"feed","kind":"status","status":429,"retry_after_ms":50,"times":3}' \
      http://127.0.0.1:8081/_emulator/faults
      the next three reads of a change feed are throttled
  curl -X POST http://127.0.0.1:8081/_emulator/dbs/openwhisk/colls/whisks/split/0
      splits partition key range 0
  feedcast-emulator --region West --region East --script drill.txt
      two regions, and what happens to them as the script says

Exit codes: 0 ended by SIGTERM or SIGINT, 64 wrong usage, 69 the address can't be had.)";

struct arguments {
  emulator::emulator_options emulator;
  std::vector<emulator::container_wish> containers;
  std::vector<std::string> regions;
  std::string script;
  std::string write_certificate;
  unsigned threads = 2;
};

int fail(int code, const std::string& text) {
  std::cerr << "feedcast-emulator: " << text << '\n';
  return code;
}

void describe(CLI::App& app, arguments& a, std::vector<std::string>& wishes) {
  app.footer(examples);
  app.set_version_flag("--version", "feedcast-emulator " FEEDCAST_VERSION);
  app.add_option("--listen", a.emulator.listen, "address and port; port 0 takes any free one")
      ->capture_default_str();
  auto* tls = app.add_flag("--tls", a.emulator.tls,
                           "serve https; without --certificate a self-signed one is made");
  auto* certificate =
      app.add_option("--certificate", a.emulator.certificate_file, "PEM file with the certificate")
          ->check(CLI::ExistingFile)
          ->needs(tls);
  auto* key_file =
      app.add_option("--key-file", a.emulator.key_file, "PEM file with its private key")
          ->check(CLI::ExistingFile)
          ->needs(certificate);
  certificate->needs(key_file);
  app.add_option("--write-certificate", a.write_certificate,
                 "file to write the certificate to, for clients")
      ->needs(tls);
  app.add_option("--key", a.emulator.key,
                 "account key, base64; default: the well-known key of all emulators");
  app.add_option("--max-memory", a.emulator.max_memory,
                 "bytes of documents, such as 2GiB; writes beyond get 507")
      ->transform(CLI::AsSizeValue(false))
      ->default_str("2GiB");
  app.add_option("--ranges", a.emulator.default_ranges, "partition key ranges of a new container")
      ->check(CLI::Range(1U, emulator::max_ranges))
      ->capture_default_str();
  app.add_option("--create", wishes, "containers to make at the start: DB/COLL[:RANGES[:PKPATH]]");
  constexpr std::int64_t month = std::int64_t{30} * 24 * 60 * 60;
  app.add_option("--change-retention", a.emulator.change_retention,
                 "seconds that former versions are kept for the feed of all versions and deletes, "
                 "where a container's changeFeedPolicy does not say; 0 = such containers have none")
      ->check(CLI::Range(std::int64_t{0}, month))
      ->capture_default_str();
  constexpr std::int64_t day = std::int64_t{24} * 60 * 60;
  app.add_option("--start-time-step", a.emulator.start_time_step,
                 "seconds that the start time of a feed is rounded down to; the service: about 5")
      ->check(CLI::Range(std::int64_t{1}, day))
      ->capture_default_str();
  app.add_option("--ledger", a.emulator.ledger_file,
                 "file to record every write in as it is committed, one JSON object a line");
  app.add_option("--region", a.regions,
                 "regions of the account, NAME[=HOST:PORT] each; the first takes the writes");
  app.add_flag("--serverless", a.emulator.access.serverless,
               "an account without throughput of its own: 5000 request units a second for a range");
  app.add_flag("--no-control-plane", a.emulator.access.no_control_plane,
               "the account key can't make, change or delete databases and containers");
  app.add_flag("--aad-only", a.emulator.access.aad_only,
               "the account key is refused: clients need a bearer token");
  app.add_option("--aad-token", a.emulator.access.token, "the bearer token that is accepted")
      ->capture_default_str();
  app.add_option("--read-only-key", a.emulator.access.read_only_key,
                 "another account key, base64, that reads and writes nothing");
  app.add_option("--resource-token", a.emulator.access.resource_token,
                 "the resource token that is accepted, for reading: type=resource&ver=1&sig=...");
  app.add_option("--script", a.script, "file with control requests and when they happen")
      ->check(CLI::ExistingFile);
  app.add_option("--throughput", a.emulator.units,
                 "request units a second that each partition key range serves; 429 beyond")
      ->check(CLI::Range(0.0, 1e9));
  app.add_option("--threads", a.threads, "threads that serve requests")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
}

/// Blocked before any thread starts, so that only the wait below sees them.
sigset_t block_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

int run(const arguments& a) {
  const sigset_t signals = block_stop_signals();
  feedcast::http::runtime io(a.threads);
  const auto started = emulator::emulator::start(io, a.emulator);
  if (!started)
    return fail(started.error().code == feedcast::errc::unavailable ? exit_unavailable : exit_usage,
                started.error().detail);
  emulator::emulator& account = **started;
  for (const auto& wish : a.containers)
    if (const auto made =
            account.create_container(wish.database, wish.container, wish.ranges, wish.key_path);
        !made)
      return fail(exit_usage,
                  "--create " + wish.database + '/' + wish.container + ": " + made.error().detail);
  if (!a.write_certificate.empty()) {
    std::ofstream file(a.write_certificate);
    file << account.certificate_pem();
    if (!file.flush())
      return fail(exit_usage, "can't write the certificate to '" + a.write_certificate + "'");
  }

  std::string rest;
  for (std::size_t i = 0; i < a.emulator.regions.size(); ++i)
    rest += a.emulator.regions[i].name + ' ' + account.region_url(i) + '\n';
  std::cout << account.url() << '\n' << rest << std::flush; // whoever started us waits for it
  int received = 0;
  sigwait(&signals, &received);
  return exit_ok;
}

} // namespace

int main(int argc, char** argv) {
  feedcast::log::configure(feedcast::log::level::info, feedcast::log::format::automatic);
  arguments a;
  std::vector<std::string> wishes;
  CLI::App app("The Cosmos DB emulator of feedcast: databases, containers, change feed, faults; "
               "all in memory");
  describe(app, a, wishes);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    return code == 0 ? exit_ok : exit_usage;
  }
  for (const std::string& text : wishes) {
    auto wish = emulator::parse_container_wish(text);
    if (!wish)
      return fail(exit_usage, "--create: " + wish.error().detail);
    a.containers.push_back(std::move(*wish));
  }
  for (const std::string& text : a.regions) {
    auto wish = emulator::parse_region_wish(text);
    if (!wish)
      return fail(exit_usage, "--region: " + wish.error().detail);
    a.emulator.regions.push_back(std::move(*wish));
  }
  if (a.emulator.access.serverless && a.emulator.units == 0)
    a.emulator.units = serverless_units;
  if (!a.script.empty()) {
    std::ifstream file(a.script);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    auto steps = emulator::read_script(text, a.script);
    if (!steps)
      return fail(exit_usage, "--script\n" + steps.error().detail);
    a.emulator.script = std::move(*steps);
  }
  return run(a);
}
