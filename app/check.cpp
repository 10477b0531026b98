#include "app/check.hpp"

#include "app/exit_code.hpp"
#include "app/platform.hpp"
#include "app/version.hpp"
#include "app/wait_for.hpp"
#include "app/wiring.hpp"
#include "settings/printer.hpp"
#include "sinks/file/file_sink.hpp"
#include "sinks/kafka/options.hpp"
#include "sinks/kafka/topic.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace feedcast::app {

namespace {

namespace json = boost::json;

struct finding {
  std::string what;
  bool ok = true;
  std::string text;
  errc code{};
};

constexpr milliseconds patience{20'000};

template <class T, class Describe>
void add(std::vector<finding>& out, std::string what, const result<T>& r, Describe describe) {
  if (r)
    out.push_back({std::move(what), true, describe(*r), {}});
  else
    out.push_back({std::move(what), false, r.error().detail, r.error().code});
}

void add_topic(std::vector<finding>& out, const std::string& what,
               const kafka::kafka_options& options) {
  add(out, what + options.topic, kafka::probe_topic(options, patience), [](const auto& facts) {
    return std::to_string(facts.partitions) + " partitions, at least "
           + std::to_string(facts.least_replicas) + " replicas";
  });
}

/// A refusal is an error here.
void describe(change_source& source, callback<feed_traits> done) {
  source.describe([done = std::move(done)](result<feed_traits> r) {
    if (r && !r->refused.empty())
      return done(make_error(errc::rejected, r->refused));
    done(std::move(r));
  });
}

std::string describe_retention(const feed_traits& traits) {
  if (!traits.retention)
    return "allowed; the account does not say how long former versions are kept";
  return "former versions are kept for "
         + std::to_string(std::chrono::floor<std::chrono::minutes>(*traits.retention).count())
         + " minutes at least";
}

/// The same objects that the service would use, each asked for something harmless.
std::vector<finding> connect(const settings::service_config& config, service_arguments& tree) {
  std::vector<finding> out;
  for (auto& t : tree.targets) {
    for (auto& c : t.collections) {
      const auto who = "target " + t.target + ", feed " + c.options.partition.feed;
      const auto source = c.open_source();
      add(out, who + ": read the feed's ranges",
          wait_for<std::vector<feed_range>>(patience,
                                            [&](auto done) { source->ranges(std::move(done)); }),
          [](const auto& ranges) { return std::to_string(ranges.size()) + " ranges"; });
      if (config.feeds.at(c.options.partition.feed).mode == settings::feed_mode::all_versions)
        add(out, who + ": read all versions and deletes",
            wait_for<feed_traits>(patience, [&](auto done) { describe(*source, std::move(done)); }),
            describe_retention);
      const auto leases = c.open_leases();
      add(out, who + ": open the lease store",
          wait_for<lease_store_state>(patience, [&](auto done) { leases->open(std::move(done)); }),
          [](const auto& s) {
            return s.initialised ? std::string{"has positions of an earlier run"}
                                 : std::string{"new, will start where the feed says"};
          });
    }
    const auto& target = config.targets.at(t.target);
    add_topic(out, "target " + t.target + ": topic ",
              kafka::make_options(t.target, target.kafka, config.tuning));
    if (!target.dead_letter)
      continue;
    auto dead_letters = "target " + t.target + ": dead letters, ";
    if (const auto& path = target.dead_letter->file; !path.empty())
      add(out, dead_letters.append("file ").append(path), file::probe_file(path),
          [](bool) { return std::string{"can be written"}; });
    else
      add_topic(out, dead_letters + "topic ",
                kafka::make_dead_letter_options(t.target, target.dead_letter->topic, target.kafka,
                                                config.tuning));
  }
  return out;
}

int exit_code_of(const std::vector<finding>& findings) {
  const auto failed =
      std::find_if(findings.begin(), findings.end(), [](const auto& f) { return !f.ok; });
  return failed == findings.end() ? exit_ok : app::exit_code_of(failed->code);
}

void print_json(const settings::load_outcome& outcome, const std::vector<finding>& findings,
                int code) {
  json::array diagnostics;
  for (const auto& d : outcome.diagnostics)
    diagnostics.push_back(
        json::object{{"severity", d.level == settings::severity::error ? "error" : "warning"},
                     {"origin", d.origin},
                     {"path", d.path},
                     {"message", d.message},
                     {"hint", d.hint}});
  json::array checks;
  for (const auto& f : findings)
    checks.push_back(json::object{{"check", f.what}, {"ok", f.ok}, {"text", f.text}});
  std::printf("%s\n", json::serialize(json::object{{"ok", code == exit_ok},
                                                   {"diagnostics", std::move(diagnostics)},
                                                   {"checks", std::move(checks)}})
                          .c_str());
}

} // namespace

int check(const check_options& options) {
  const auto outcome = load_configuration(options.configuration);
  std::vector<finding> findings;
  int code = outcome.ok() ? exit_ok : exit_configuration;
  if (outcome.ok()) {
    platform shared{1, {version, FEEDCAST_REVISION, ""}, outcome.config->instance};
    auto tree = wire(*outcome.config, shared);
    if (!tree) {
      findings.push_back({"configuration", false, tree.error().detail, errc::rejected});
      code = exit_configuration;
    } else if (options.connect) {
      findings = connect(*outcome.config, *tree);
      code = exit_code_of(findings);
    }
  }
  if (options.json) {
    print_json(outcome, findings, code);
    return code;
  }
  print_diagnostics(outcome);
  for (const auto& f : findings)
    std::fprintf(f.ok ? stdout : stderr, "%s  %s: %s\n", f.ok ? "ok   " : "FAILED", f.what.c_str(),
                 f.text.c_str());
  if (options.print && outcome.ok())
    std::fputs(settings::print_effective(outcome).c_str(), stdout);
  else if (code == exit_ok)
    std::puts(options.connect ? "everything answers" : "configuration is valid");
  return code;
}

} // namespace feedcast::app
