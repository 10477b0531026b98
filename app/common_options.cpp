#include "app/common_options.hpp"

#include "core/log.hpp"

#include <CLI/CLI.hpp>

namespace feedcast::app {

void log_options::apply() const {
  log::configure(log::parse_level(level), format == "json"     ? log::format::json
                                          : format == "logfmt" ? log::format::logfmt
                                                               : log::format::automatic);
}

void add_configuration(CLI::App& command, configuration_options& o) {
  command
      .add_option("-c,--config", o.files, "configuration file; later ones win (or FEEDCAST_CONFIG)")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command
      .add_option("--profile", o.profile,
                  "tuning profile: balanced (default), low-latency, high-throughput, low-cost, dev")
      ->type_name("NAME");
  command
      .add_option("--set", o.sets,
                  "set one value, e.g. targets.eu.kafka.topic=t; wins over all else")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false);
}

void add_logging(CLI::App& command, log_options& o) {
  command.add_option("--log-level", o.level, "debug, info, warn, error or off")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->envname("FEEDCAST_LOG_LEVEL")
      ->capture_default_str();
  command
      .add_option("--log-format", o.format,
                  "auto (logfmt on a terminal, else JSON), logfmt or json")
      ->check(CLI::IsMember({"auto", "logfmt", "json"}))
      ->envname("FEEDCAST_LOG_FORMAT")
      ->capture_default_str();
}

void add_output(CLI::App& command, std::string& output) {
  command.add_option("--output", output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command.add_flag_callback(
      "--json", [&output] { output = "json"; }, "short for --output json");
}

} // namespace feedcast::app
