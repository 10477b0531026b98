#include "app/cost/command_line.hpp"

#include <CLI/CLI.hpp>

namespace feedcast::app {

namespace {

constexpr const char* footer =
    "\nExamples:\n"
    "  feedcast cost -c feedcast.yaml                       at rest, one range a collection\n"
    "  feedcast cost -c feedcast.yaml --ranges 4 --changes-per-second 20\n"
    "  feedcast cost -c feedcast.yaml --profile low-cost --json\n"
    "\nNobody is asked; `feedcast check --connect` compares with what the database provides.";

} // namespace

void cost_command::add_to(CLI::App& app, std::string& output, log_options& logging) {
  command_ = app.add_subcommand(
      "cost", "forecast the request units that the configuration costs, a second and a month");
  command_->footer(footer);
  add_configuration(*command_, options_.configuration);
  auto& a = options_.assumed;
  command_->add_option("--changes-per-second", a.changes_per_second, "changes in each collection")
      ->type_name("N")
      ->check(CLI::Range(0.0, 1e6))
      ->capture_default_str();
  command_->add_option("--document-bytes", a.document_bytes, "size of a document")
      ->type_name("N")
      ->check(CLI::Range(1.0, 2097152.0))
      ->capture_default_str();
  command_->add_option("--ranges", a.ranges, "partition key ranges of each collection")
      ->type_name("N")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
  add_output(*command_, output);
  add_logging(*command_, logging);
}

bool cost_command::parsed() const {
  return command_->parsed();
}

int cost_command::run(bool json) {
  options_.json = json;
  return cost(options_);
}

} // namespace feedcast::app
