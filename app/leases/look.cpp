// The commands that only read leases: list, show, export.
#include "app/exit_code.hpp"
#include "app/leases/files.hpp"
#include "app/leases/json_text.hpp"
#include "app/leases/report.hpp"
#include "app/leases/session.hpp"
#include "app/leases/table.hpp"
#include "app/leases/wrapped_position.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <cstdio>

namespace feedcast::app {

namespace {

namespace json = boost::json;

json::object list_as_json(const open_leases& o) {
  json::array leases;
  for (const auto& v : o.leases)
    leases.push_back(to_json(v));
  json::array owners;
  for (const auto& [owner, count] : owners_of(o.leases))
    owners.push_back(
        json::object{{"owner", owner.empty() ? json::value(nullptr) : json::value(owner)},
                     {"leases", count.leases},
                     {"expired", count.expired}});
  const auto coverage = coverage_of(o.leases);
  json::array gaps;
  for (const auto& g : coverage.gaps)
    gaps.push_back(to_json(g));
  return {{"target", o.processor.target},       {"feed", o.processor.feed},
          {"store", o.processor.place},         {"now", format_iso8601(o.listing.now)},
          {"initialised", o.state.initialised}, {"anchor", time_or_null(o.state.started_at)},
          {"coverage", coverage.share},         {"gaps", std::move(gaps)},
          {"keys_unknown", coverage.unknown},   {"owners", std::move(owners)},
          {"leases", std::move(leases)}};
}

/// The document as the store has it, and its position unwrapped, for `show`.
json::object show_as_json(const lease_view& v) {
  auto out = to_json(v);
  json::value document;
  json::value decoded;
  if (auto o = feedcast::json::parse_object(v.shown.raw, "the lease")) {
    if (const auto token = feedcast::json::text_at(*o, "ContinuationToken"))
      if (auto inner = unwrap_position(*token))
        decoded = std::move(*inner);
    document = std::move(*o);
  }
  out["continuation"] = std::move(decoded);
  out["document"] = std::move(document);
  return out;
}

} // namespace

int leases_list(const leases_options& options) {
  leases_session session{options};
  if (session.code() != exit_ok)
    return session.code();
  const auto& ours = session.ours();
  if (options.json)
    std::printf("%s\n", json::serialize(list_as_json(ours)).c_str());
  else
    std::fputs(list_as_text(describe(ours.processor), ours.leases, ours.state).c_str(), stdout);
  return exit_ok;
}

int leases_show(const leases_options& options) {
  leases_session session{options};
  if (session.code() != exit_ok)
    return session.code();
  const auto chosen = choose(session.ours().leases, options.ranges);
  if (!chosen) {
    std::fprintf(stderr, "error: %s\n", inert(chosen.error().detail).c_str());
    return exit_failure;
  }
  const auto shown = show_as_json(chosen->front());
  std::printf("%s\n", options.json ? json::serialize(shown).c_str() : indented(shown).c_str());
  return exit_ok;
}

int leases_export(const leases_options& options) {
  leases_session session{options};
  if (session.code() != exit_ok)
    return session.code();
  const auto& ours = session.ours();
  lease_export e{session.identity(), ours.listing.now, ours.state, {}};
  for (const auto& v : ours.leases) {
    e.leases.push_back(v.shown);
    e.leases.back().keys = v.keys;
  }
  if (!options.plan)
    if (const auto written = write_text(options.file, write_export(e)); !written) {
      std::fprintf(stderr, "error: %s\n", inert(written.error().detail).c_str());
      return exit_failure;
    }
  std::fprintf(stderr, "%zu leases of %s %s %s\n", e.leases.size(),
               inert(describe(ours.processor)).c_str(),
               options.plan ? "would be written to" : "written to",
               options.file == "-" ? "standard output" : options.file.c_str());
  return exit_ok;
}

} // namespace feedcast::app
