#include "app/cli.hpp"

#include "app/check.hpp"
#include "app/common_options.hpp"
#include "app/cost/command_line.hpp"
#include "app/demo/demo.hpp"
#include "app/dlq/dlq.hpp"
#include "app/exit_code.hpp"
#include "app/leases/command_line.hpp"
#include "app/migrate/command_line.hpp"
#include "app/run.hpp"
#include "app/version.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

namespace feedcast::app {

namespace {

constexpr const char* description =
    "feedcast carries database changes to the caches of every cluster that must forget them:\n"
    "it reads change feeds and puts one invalidation per changed document on each target\n"
    "cluster's Kafka topic, at least once.";

constexpr const char* footer =
    "\nExamples:\n"
    "  feedcast demo --seconds 10               see it work, nothing else needed\n"
    "  feedcast check -c feedcast.yaml --print  what is in effect, and where it comes from\n"
    "  feedcast check -c feedcast.yaml --connect\n"
    "  feedcast run -c feedcast.yaml --profile low-latency\n"
    "  feedcast dlq list -c feedcast.yaml       what could not be delivered\n"
    "  feedcast leases list -c feedcast.yaml    who reads which range, and how far\n"
    "  feedcast cost -c feedcast.yaml           what it takes of the database's throughput\n"
    "  feedcast migrate openwhisk > feedcast.yaml   from OpenWhisk's own settings\n"
    "  COSMOSDB_ENDPOINT=... COSMOSDB_KEY=... COSMOSDB_NAME=... KAFKA_HOSTS=... feedcast run\n"
    "\nExit codes: 0 ok, 1 failure, 64 usage, 69 dependency unreachable, 70 bug,\n"
    "75 drain deadline hit, 77 permission, 78 configuration.";

constexpr const char* dlq_footer =
    "\nExamples:\n"
    "  feedcast dlq list -c feedcast.yaml --target eu --limit 20\n"
    "  feedcast dlq list -c feedcast.yaml --json\n"
    "  feedcast dlq retry -c feedcast.yaml --plan       what would be sent\n"
    "  feedcast dlq retry -c feedcast.yaml --id guest/hello";

/// `feedcast dlq list` and `feedcast dlq retry`.
struct dlq_commands {
  dlq_options options;
  CLI::App* list = nullptr;
  CLI::App* retry = nullptr;

  void add_to(CLI::App& app, std::string& output, log_options& logging) {
    auto* dlq = app.add_subcommand(
        "dlq", "dead letters: changes that could not be delivered (targets.NAME.dead_letter)");
    dlq->footer(dlq_footer);
    dlq->require_subcommand(1);
    list = dlq->add_subcommand("list", "show dead letters, oldest first");
    list->add_option("--limit", options.limit, "only the newest so many; 0 for all")
        ->type_name("N")
        ->capture_default_str();
    retry = dlq->add_subcommand(
        "retry", "send the invalidation of each dead letter with a known id once more;\n"
                 "exit 1 if there is one that can't be sent");
    retry->add_option("--id", options.ids, "only this id; may be given again")
        ->type_name("ID")
        ->allow_extra_args(false);
    retry->add_flag("--plan", options.plan, "only say what would be sent");
    for (auto* command : {list, retry}) {
      command->footer(dlq_footer);
      add_configuration(*command, options.configuration);
      command->add_option("--target", options.target, "only this target")->type_name("NAME");
      add_output(*command, output);
      add_logging(*command, logging);
    }
  }

  bool parsed() const { return list->parsed() || retry->parsed(); }

  int run(bool json) {
    options.json = json;
    return list->parsed() ? dlq_list(options) : dlq_retry(options);
  }
};

} // namespace

int command_line(int argc, char** argv) {
  CLI::App app{description, "feedcast"};
  app.set_version_flag("--version", std::string{"feedcast "} + version);
  app.footer(footer);
  app.require_subcommand(0, 1); // none is told below, after an unknown one was named
  log_options logging;
  std::string output = "text";

  configuration_options run_options;
  auto* run_command = app.add_subcommand("run", "run the service until SIGTERM or SIGINT");
  add_configuration(*run_command, run_options);
  add_logging(*run_command, logging);
  bool debuggable = false;
  run_command->add_flag("--debuggable", debuggable,
                        "allow debuggers and core dumps, which hold keys and passwords");

  check_options check_options;
  auto* check_command = app.add_subcommand("check", "validate the configuration");
  add_configuration(*check_command, check_options.configuration);
  auto* connect =
      check_command->add_flag("--connect", check_options.connect,
                              "also try accounts, lease stores, brokers, topics and rights");
  check_command
      ->add_flag(
          "--produce", check_options.produce,
          "with --connect: also send each target the invalidation of an entity that nobody has")
      ->needs(connect);
  check_command->add_flag("--print", check_options.print,
                          "print the effective configuration with the origin of each value");
  add_output(*check_command, output);
  add_logging(*check_command, logging);

  dlq_commands dlq;
  dlq.add_to(app, output, logging);
  leases_commands leases;
  leases.add_to(app, output, logging);
  cost_command cost;
  cost.add_to(app, output, logging);
  migrate_command migrate;
  migrate.add_to(app, logging);

  demo_options demo_options;
  auto* demo_command = app.add_subcommand(
      "demo", "emulator, writer, service, two mock Kafka clusters and readers in one process;\n"
              "proves that every write arrived; exit 1 if anything was lost");
  demo_command->add_option("--seconds", demo_options.seconds, "how long to write")
      ->check(CLI::Range(1, 86'400))
      ->capture_default_str();
  demo_command->add_option("--rate", demo_options.rate, "documents written per second")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  auto* ranges =
      demo_command
          ->add_option("--ranges", demo_options.ranges, "partition key ranges of each collection")
          ->check(CLI::Range(1, 64))
          ->capture_default_str();
  demo_command
      ->add_option(
          "--couchdb", demo_options.couchdb,
          "a CouchDB server to use instead of the emulator, as http://USER@HOST:5984/; the\n"
          "password is in COUCHDB_PASSWORD; databases are made there, and removed")
      ->type_name("URL")
      ->excludes(ranges);
  add_output(*demo_command, output);
  add_logging(*demo_command, logging);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    // Help and version are "errors" with code 0; everything else is wrong usage.
    return app.exit(e) == 0 ? exit_ok : exit_usage;
  }
  if (app.get_subcommands().empty()) {
    std::fputs("A subcommand is required: run, check, dlq, leases, cost, migrate or demo.\n"
               "Run with --help for more information.\n",
               stderr);
    return exit_usage;
  }
  if (dlq.parsed() && dlq.list->count("--log-level") + dlq.retry->count("--log-level") == 0
      && std::getenv("FEEDCAST_LOG_LEVEL") == nullptr)
    logging.level = "warn";
  if (leases.parsed() && !leases.log_level_given() && std::getenv("FEEDCAST_LOG_LEVEL") == nullptr)
    logging.level = "warn";
  if (demo_command->parsed() && demo_command->count("--log-level") == 0
      && std::getenv("FEEDCAST_LOG_LEVEL") == nullptr)
    logging.level = "warn"; // its table is the output
  logging.apply();
  if (run_command->parsed())
    return run(run_options, debuggable);
  if (check_command->parsed()) {
    check_options.json = output == "json";
    return check(check_options);
  }
  if (dlq.parsed())
    return dlq.run(output == "json");
  if (leases.parsed())
    return leases.run(output == "json");
  if (cost.parsed())
    return cost.run(output == "json");
  if (migrate.parsed())
    return migrate.run();
  demo_options.json = output == "json";
  return demo(demo_options);
}

} // namespace feedcast::app
