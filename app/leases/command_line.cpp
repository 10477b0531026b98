#include "app/leases/command_line.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace feedcast::app {

namespace {

constexpr const char* footer =
    "\nExamples:\n"
    "  feedcast leases list -c feedcast.yaml --target eu --feed whisks\n"
    "  feedcast leases show 0 -c feedcast.yaml\n"
    "  feedcast leases export leases.json -c feedcast.yaml\n"
    "  feedcast leases rewind --to 2026-01-01T00:00:00Z --plan -c feedcast.yaml\n"
    "  feedcast leases release --all --steal -c feedcast.yaml\n"
    "  feedcast leases release -c feedcast.yaml -- -7F 7F-FF    ranges may begin with a dash\n"
    "  feedcast leases adopt --from old.documents.azure.com -c feedcast.yaml\n"
    "\nWhat somebody owns is touched with --steal only; --plan writes nothing at all.\n"
    "Exit code 1: nothing was written for want of --steal, or not everything was.";

} // namespace

CLI::App* leases_commands::add(CLI::App& leases, const char* name, const char* help, action what) {
  auto* command = leases.add_subcommand(name, help);
  command->footer(footer);
  commands_.emplace_back(command, what);
  return command;
}

void leases_commands::add_to(CLI::App& app, std::string& output, log_options& logging) {
  auto* leases = app.add_subcommand(
      "leases", "who reads which range of a processor, and how far: look at it, and mend it");
  leases->footer(footer);
  leases->require_subcommand(1);
  add(*leases, "list", "show all leases, their owners and what of the key space they cover",
      leases_list);
  auto* show = add(*leases, "show", "show all that is known of one lease, as JSON", leases_show);
  auto* release = add(*leases, "release",
                      "take leases from their owners, so that anybody may take them;\n"
                      "positions stay",
                      leases_release);
  auto* rewind = add(*leases, "rewind",
                     "have leases read again from a time or from the beginning; all of them if no\n"
                     "range is named",
                     leases_rewind);
  auto* export_to =
      add(*leases, "export", "write marker, leases and positions to a file", leases_export);
  auto* import_from =
      add(*leases, "import",
          "put the positions of such a file back: into the leases that there are, and into new\n"
          "ones where there are none",
          leases_import);
  auto* adopt = add(*leases, "adopt",
                    "copy the leases that were kept under another host name of the account;\n"
                    "the old ones are left as they are",
                    leases_adopt);
  for (const auto& [command, what] : commands_) {
    add_configuration(*command, options_.configuration);
    command->add_option("--target", options_.target, "of this target")->type_name("NAME");
    command->add_option("--feed", options_.feed, "of this feed")->type_name("NAME");
    command->add_flag("--plan", options_.plan, "write nothing, say what would be written");
    command->add_flag("--steal", options_.steal, "also touch what somebody owns");
    add_output(*command, output);
    add_logging(*command, logging);
  }
  show->add_option("RANGE", options_.ranges, "as `list` names it")->required()->expected(1);
  release->add_option("RANGE", options_.ranges, "as `list` names them");
  release->add_flag("--all", options_.all, "all of them");
  rewind->add_option("RANGE", options_.ranges, "as `list` names them; none = all");
  rewind->add_option("--to", options_.to, "a time, as 2026-01-01T00:00:00Z")->type_name("TIME");
  rewind->add_flag("--to-beginning", options_.to_beginning, "the beginning of the feed");
  export_to->add_option("FILE", options_.file, "replaced; - is standard output")
      ->capture_default_str();
  import_from->add_option("FILE", options_.file, "- is standard input")->required();
  adopt->add_option("--from", options_.from, "the account's host name in the old lease ids")
      ->type_name("HOST")
      ->required();
}

bool leases_commands::parsed() const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [](const auto& c) { return c.first->parsed(); });
}

bool leases_commands::log_level_given() const {
  return std::any_of(commands_.begin(), commands_.end(),
                     [](const auto& c) { return c.first->count("--log-level") > 0; });
}

int leases_commands::run(bool json) {
  options_.json = json;
  for (const auto& [command, what] : commands_)
    if (command->parsed())
      return what(options_);
  return 0;
}

} // namespace feedcast::app
