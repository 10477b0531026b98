#include "app/check.hpp"

#include "app/cost/offer_check.hpp"
#include "app/databases.hpp"
#include "app/exit_code.hpp"
#include "app/kafka_tokens.hpp"
#include "app/platform.hpp"
#include "app/version.hpp"
#include "app/wait_for.hpp"
#include "app/wiring.hpp"
#include "pipeline/openwhisk/message.hpp"
#include "settings/complete.hpp"
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
  bool warning = false; ///< it is ok, but not as it should be
};

constexpr milliseconds patience{20'000};

template <class T, class Describe>
void add(std::vector<finding>& out, std::string what, const result<T>& r, Describe describe) {
  if (r)
    out.push_back({std::move(what), true, describe(*r), {}});
  else
    out.push_back({std::move(what), false, r.error().detail, r.error().code});
}

/// Tries one right after the other. Ends early if it is not a right that is missing: then the rest
/// would fail for the same reason.
bool add_rights(std::vector<finding>& out, const std::string& who,
                const std::vector<right_check>& rights) {
  for (const auto& right : rights) {
    auto r = wait_for<bool>(patience, [&](auto done) { right.ask(std::move(done)); });
    const bool refused = !r && r.error().code == errc::forbidden;
    if (!r)
      r = error{r.error().code, right.explain(r.error()), {}};
    add(out, who + ": may " + right.what, r, [](bool) { return std::string{"yes"}; });
    if (!r && !refused)
      return false;
  }
  return true;
}

/// One page of the feed from now on, of its first range.
result<bool> read_feed(change_source& source, const feed_range& range) {
  change_source::fetch_request request;
  request.range_id = range.id;
  request.from = start_point{};
  request.max_items = 1;
  const auto page = wait_for<feed_page_ptr>(
      patience, [&](auto done) { source.fetch(std::move(request), std::move(done)); });
  if (!page)
    return page.error();
  return true;
}

void add_feed(std::vector<finding>& out, const std::string& who, change_source& source,
              const processor_rights& rights) {
  const auto ranges = wait_for<std::vector<feed_range>>(
      patience, [&](auto done) { source.ranges(std::move(done)); });
  add(out, who + ": read the feed's ranges", ranges,
      [](const auto& all) { return std::to_string(all.size()) + " ranges"; });
  if (!ranges || ranges->empty())
    return;
  auto read = read_feed(source, ranges->front());
  if (!read)
    read = error{read.error().code, rights.explain_read(read.error()), {}};
  add(out, who + ": may read the feed", read, [](bool) { return std::string{"yes"}; });
}

/// What the feed's throughput is, and whether the configuration fits it.
void add_throughput(std::vector<finding>& out, const settings::service_config& config,
                    const std::string& target, const std::string& feed, change_source& source) {
  const auto report = compare_with_offer(
      config, target, feed,
      wait_for<feed_throughput>(patience, [&](auto done) { source.throughput(std::move(done)); }));
  const auto what = "target " + target + ", feed " + feed + ": throughput";
  out.push_back({what, true, report.text, {}});
  for (const auto& w : report.warnings)
    out.push_back({what, true, w, {}, true});
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

/// All that a processor reads and writes in its accounts.
void add_processor(std::vector<finding>& out, const settings::service_config& config,
                   const std::string& target, const collection_arguments& c, platform& shared) {
  const auto& feed = c.options.partition.feed;
  const auto who = "target " + target + ", feed " + feed;
  const auto rights = databases_of(config, target, feed, shared)->rights(feed);
  if (!rights)
    return out.push_back({who, false, rights.error().detail, rights.error().code});
  if (!add_rights(out, who, rights->feed))
    return;
  const auto source = c.open_source();
  add_feed(out, who, *source, *rights);
  if (config.feeds.at(feed).mode == settings::feed_mode::all_versions)
    add(out, who + ": read all versions and deletes",
        wait_for<feed_traits>(patience, [&](auto done) { describe(*source, std::move(done)); }),
        describe_retention);
  if (!settings::is_couchdb(config, config.feeds.at(feed))) // which has no request units
    add_throughput(out, config, target, feed, *source);
  const auto leases = c.open_leases();
  const auto opened =
      wait_for<lease_store_state>(patience, [&](auto done) { leases->open(std::move(done)); });
  add(out, who + ": open the lease store", opened, [](const auto& s) {
    return s.initialised ? std::string{"has positions of an earlier run"}
                         : std::string{"new, will start where the feed says"};
  });
  if (opened || opened.error().code == errc::forbidden)
    add_rights(out, who, rights->leases);
}

void add_topic(std::vector<finding>& out, const std::string& what, kafka::kafka_options options,
               const result<kafka::token_port>& tokens) {
  if (!tokens)
    return out.push_back({what + options.topic, false, tokens.error().detail, tokens.error().code});
  options.tokens = *tokens;
  add(out, what + options.topic, kafka::probe_topic(options, patience), [](const auto& facts) {
    return std::to_string(facts.partitions) + " partitions, at least "
           + std::to_string(facts.least_replicas) + " replicas";
  });
}

/// Sends the invalidation of an entity that nobody has: controllers drop nothing for it.
void add_write(std::vector<finding>& out, const std::string& who, kafka::kafka_options options,
               const result<kafka::token_port>& tokens) {
  if (!tokens)
    return; // told already
  options.tokens = *tokens;
  std::string message;
  const auto place = openwhisk::append_invalidation(message, "feedcast-check/no-such-entity");
  const auto all = std::string_view{message};
  add(out, who + ": may write to topic " + options.topic,
      kafka::probe_write(options, all.substr(place.key_offset, place.key_size),
                         all.substr(place.offset, place.size), patience),
      [](bool) { return std::string{"yes"}; });
}

/// The same objects that the service would use, each asked for something harmless.
std::vector<finding> connect(const settings::service_config& config, service_arguments& tree,
                             bool produce, platform& shared) {
  std::vector<finding> out;
  for (auto& t : tree.targets) {
    for (const auto& c : t.collections)
      add_processor(out, config, t.target, c, shared);
    const auto& target = config.targets.at(t.target);
    const auto tokens = kafka_tokens(target.kafka, t.target, shared.io);
    add_topic(out, "target " + t.target + ": topic ",
              kafka::make_options(t.target, target.kafka, config.tuning), tokens);
    if (produce)
      add_write(out, "target " + t.target,
                kafka::make_options(t.target, target.kafka, config.tuning), tokens);
    if (!target.dead_letter)
      continue;
    auto dead_letters = "target " + t.target + ": dead letters, ";
    if (const auto& path = target.dead_letter->file; !path.empty())
      add(out, dead_letters.append("file ").append(path), file::probe_file(path),
          [](bool) { return std::string{"can be written"}; });
    else
      add_topic(out, dead_letters + "topic ",
                kafka::make_dead_letter_options(t.target, target.dead_letter->topic, target.kafka,
                                                config.tuning),
                tokens);
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
    checks.push_back(
        json::object{{"check", f.what}, {"ok", f.ok}, {"warning", f.warning}, {"text", f.text}});
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
      findings = connect(*outcome.config, *tree, options.produce, shared);
      code = exit_code_of(findings);
    }
  }
  if (options.json) {
    print_json(outcome, findings, code);
    return code;
  }
  print_diagnostics(outcome);
  for (const auto& f : findings)
    std::fprintf(f.ok && !f.warning ? stdout : stderr, "%s  %s: %s\n",
                 !f.ok       ? "FAILED"
                 : f.warning ? "WARNING"
                             : "ok   ",
                 f.what.c_str(), f.text.c_str());
  if (options.print && outcome.ok())
    std::fputs(settings::print_effective(outcome).c_str(), stdout);
  else if (code == exit_ok)
    std::puts(options.connect ? "everything answers" : "configuration is valid");
  return code;
}

} // namespace feedcast::app
