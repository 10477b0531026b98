#include "app/dlq/dlq.hpp"
#include "app/dlq/selection.hpp"
#include "app/dlq/sender.hpp"
#include "app/exit_code.hpp"
#include "app/kafka_tokens.hpp"
#include "core/log_text.hpp"
#include "http/runtime.hpp"
#include "sinks/kafka/kafka_sink.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>
#include <utility>

namespace feedcast::app {

namespace {

namespace json = boost::json;

constexpr milliseconds deadline{60'000};

std::string inert(std::string_view text) {
  std::string out;
  log::append_escaped(out, text);
  return out;
}

/// What is to be sent to one target: each key once, with the newest LSN known of it.
struct target_plan {
  std::map<std::string, std::uint64_t> keys;
  std::vector<found_dead_letter> nameless; ///< no whole id is known
};

/// Finds out what is to be done, from all dead letters there are.
class planner {
 public:
  explicit planner(const std::vector<std::string>& ids) {
    for (auto id : ids) {
      std::replace(id.begin(), id.end(), '|', '/'); // as stored, or as sent
      wanted_.insert(std::move(id));
    }
  }

  void take(found_dead_letter d) {
    const std::string key{d.key()};
    auto& plan = plans_[d.target];
    if (key.empty()) {
      if (wanted_.empty())
        plan.nameless.push_back(std::move(d));
      return;
    }
    if (!wanted_.empty() && !wanted_.contains(key))
      return;
    seen_.insert(key);
    auto& lsn = plan.keys[key];
    lsn = std::max(lsn, d.number("lsn").value_or(0));
  }

  const std::map<std::string, target_plan>& plans() const noexcept { return plans_; }

  /// Ids that were asked for and are in no dead letter.
  std::vector<std::string> unknown() const {
    std::vector<std::string> missing;
    std::set_difference(wanted_.begin(), wanted_.end(), seen_.begin(), seen_.end(),
                        std::back_inserter(missing));
    return missing;
  }

 private:
  std::set<std::string> wanted_; ///< empty = all
  std::set<std::string> seen_;
  std::map<std::string, target_plan> plans_;
};

/// The outcome of it all, for people and as JSON.
class report {
 public:
  explicit report(bool as_json) : as_json_(as_json) {}

  void add(const std::string& target, const std::string& key, const char* outcome, bool good) {
    good_ &= good;
    if (as_json_)
      keys_.push_back(json::object{{"target", target}, {"id", key}, {"outcome", outcome}});
    else
      std::fprintf(good ? stdout : stderr, "%s  %s  %s\n", outcome, target.c_str(),
                   inert(key).c_str());
  }

  void add_nameless(const std::vector<found_dead_letter>& all) {
    good_ &= all.empty();
    for (const auto& d : all)
      nameless_.push_back(json::object{{"target", d.target}, {"where", d.where}});
    if (as_json_ || all.empty())
      return;
    std::fprintf(
        stderr,
        "%zu dead letters of target %s name no whole id, so nothing can be sent for them:\n",
        all.size(), all.front().target.c_str());
    for (const auto& d : all)
      std::fprintf(stderr, "  %s, range %s, behind %s, LSN %s: %s\n", inert(d.text("feed")).c_str(),
                   inert(d.text("range")).c_str(), inert(d.text("before")).c_str(),
                   d.number("lsn") ? std::to_string(*d.number("lsn")).c_str() : "unknown",
                   inert(d.text("error")).c_str());
    std::fputs("  hint: find the document by its place or its SHA-256, mend or remove it in the "
               "database; its next version comes through the feed by itself\n",
               stderr);
  }

  void add_unknown(const std::vector<std::string>& ids) {
    for (const auto& id : ids) {
      good_ = false;
      unknown_.emplace_back(id);
      if (!as_json_)
        std::fprintf(stderr,
                     "no dead letter has the id %s; `feedcast dlq list` shows which there are\n",
                     inert(id).c_str());
    }
  }

  int finish() {
    if (as_json_)
      std::printf("%s\n", json::serialize(json::object{{"ok", good_},
                                                       {"ids", std::move(keys_)},
                                                       {"without_id", std::move(nameless_)},
                                                       {"unknown", std::move(unknown_)}})
                              .c_str());
    return good_ ? exit_ok : exit_failure;
  }

 private:
  bool as_json_;
  bool good_ = true;
  json::array keys_;
  json::array nameless_;
  json::array unknown_;
};

/// Sends one target's keys. False if the options of its sink are refused.
bool send(const settings::service_config& config, const std::string& target,
          const target_plan& plan, report& out) {
  std::vector<resend> keys;
  for (const auto& [key, lsn] : plan.keys)
    keys.push_back({key, lsn});
  const auto& kafka_config = config.targets.at(target).kafka;
  http::runtime io;
  const auto tokens = kafka_tokens(kafka_config, target, io);
  if (!tokens) {
    std::fprintf(stderr, "error: %s\n", tokens.error().detail.c_str());
    return false;
  }
  auto sink_options = kafka::make_options(target, kafka_config, config.tuning);
  sink_options.tokens = *tokens;
  auto sink = kafka::kafka_sink::open(std::move(sink_options));
  if (!sink) {
    std::fprintf(stderr, "error: target %s: %s\n", target.c_str(), sink.error().detail.c_str());
    return false;
  }
  const auto sent = send_invalidations(std::move(*sink), keys, deadline);
  for (const auto i : sent.acknowledged)
    out.add(target, keys[i].key, "sent", true);
  for (const auto i : sent.refused)
    out.add(target, keys[i].key, "refused", false);
  for (const auto i : sent.open)
    out.add(target, keys[i].key, "not acknowledged", false);
  return true;
}

} // namespace

int dlq_retry(const dlq_options& options) {
  auto selection = select_targets(options);
  planner plan{options.ids};
  if (selection.code != exit_ok
      || !read_all(selection, [&](found_dead_letter d) { plan.take(std::move(d)); }))
    return selection.code;
  report out{options.json};
  for (const auto& [target, p] : plan.plans()) {
    if (options.plan) {
      for (const auto& [key, lsn] : p.keys)
        out.add(target, key, "would be sent", true);
    } else if (!p.keys.empty() && !send(*selection.loaded.config, target, p, out)) {
      return exit_configuration;
    }
    out.add_nameless(p.nameless);
  }
  out.add_unknown(plan.unknown());
  return out.finish();
}

} // namespace feedcast::app
