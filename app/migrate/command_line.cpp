#include "app/migrate/command_line.hpp"

#include "app/exit_code.hpp"
#include "app/leases/files.hpp"
#include "app/migrate/openwhisk.hpp"
#include "settings/loader.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace feedcast::app {

namespace {

constexpr const char* footer =
    "\nExamples:\n"
    "  feedcast migrate openwhisk > feedcast.yaml                what the environment says\n"
    "  feedcast migrate openwhisk controller.env                 lines CONFIG_whisk_...=VALUE\n"
    "  feedcast migrate openwhisk openwhisk.conf --output feedcast.yaml\n"
    "\nReads whisk.couchdb, whisk.cosmosdb, whisk.cache-invalidator and the brokers. Of HOCON "
    "only\n"
    "what settings are usually written in is read; all else is an error, with file and line.\n"
    "Secrets are not printed: the configuration names the variables that hold them.";

int fail(const error& why) {
  std::fprintf(stderr, "error: %s\n", why.detail.c_str());
  return exit_code_of(why.code);
}

/// Of all files, later ones win; of the environment if there are none.
result<upstream_settings> read_settings(const std::vector<std::string>& files) {
  const auto environment = settings::process_environment();
  if (files.empty())
    return settings_of_variables(environment);
  upstream_settings all;
  for (const auto& file : files) {
    const auto text = read_text(file);
    if (!text)
      return make_error(errc::rejected, file + ": " + text.error().detail);
    auto read = settings_of_text(*text, file, environment);
    if (!read)
      return read.error();
    for (auto& [name, value] : *read)
      all.insert_or_assign(name, std::move(value));
  }
  return all;
}

} // namespace

void migrate_command::add_to(CLI::App& app, log_options& logging) {
  auto* migrate = app.add_subcommand("migrate", "make a configuration out of another program's");
  migrate->require_subcommand(1);
  migrate->footer(footer);
  openwhisk_ = migrate->add_subcommand(
      "openwhisk", "print the configuration that does what OpenWhisk's settings say");
  openwhisk_->footer(footer);
  openwhisk_->add_option("FILE", files_,
                         "OpenWhisk's settings, as variables or HOCON; none = the environment");
  openwhisk_->add_option("--output", output_, "file to write, replaced; - is standard output")
      ->type_name("FILE")
      ->capture_default_str();
  add_logging(*openwhisk_, logging);
}

bool migrate_command::parsed() const {
  return openwhisk_->parsed();
}

int migrate_command::run() const {
  const auto from = read_settings(files_);
  if (!from)
    return fail(from.error());
  const auto yaml = migrate_openwhisk(*from);
  if (!yaml)
    return fail(yaml.error());
  if (const auto written = write_text(output_, *yaml); !written)
    return fail(written.error());
  return exit_ok;
}

} // namespace feedcast::app
