// The commands that write leases: release, rewind, import, adopt.
#include "app/exit_code.hpp"
#include "app/leases/files.hpp"
#include "app/leases/report.hpp"
#include "app/leases/session.hpp"
#include "app/leases/transfer.hpp"

#include <cstdio>

namespace feedcast::app {

namespace {

int fail(int code, const std::string& what) {
  std::fprintf(stderr, "error: %s\n", inert(what).c_str());
  return code;
}

/// The lock under which the first leases are made, while they are.
class first_leases_lock {
 public:
  first_leases_lock(store_access& store, bool needed) : store_(store) {
    if (!needed)
      return;
    const auto wait = store_.lock();
    if (!wait)
      refused_ = to_string(wait.error());
    else if (wait->count() > 0)
      refused_ = "another instance is making the first leases; try again in "
                 + std::to_string(wait->count()) + " ms";
    held_ = refused_.empty();
  }

  ~first_leases_lock() {
    if (held_)
      store_.unlock(); // else it ends by itself
  }

  first_leases_lock(const first_leases_lock&) = delete;
  first_leases_lock& operator=(const first_leases_lock&) = delete;

  const std::string& refused() const noexcept { return refused_; }

 private:
  store_access& store_;
  bool held_ = false;
  std::string refused_;
};

/// Plans, refuses or carries out, and says so.
int change(const leases_options& options, open_leases& leases, const lease_surgery& surgery,
           std::vector<std::string> objections) {
  surgery_report report{describe(leases.processor), surgery, std::move(objections), options.plan};
  if (options.plan || surgery.edits.empty()) {
    report.plan = options.plan;
    print(report, options.json);
    return exit_ok;
  }
  if (!report.objections.empty() && !options.steal) {
    report.refused = true;
    print(report, options.json);
    return exit_failure;
  }
  const first_leases_lock lock{*leases.store, !leases.state.initialised};
  if (!lock.refused().empty())
    return fail(exit_failure, report.subject + ": nothing was written: " + lock.refused());
  const auto outcome = carry_out(*leases.store, surgery);
  report.outcome = &outcome;
  print(report, options.json);
  return outcome.complete() ? exit_ok : exit_failure;
}

lease_destination destination(const open_leases& leases) {
  return {leases.leases, leases.state, leases.listing.range_form, leases.listing.span_form,
          leases.listing.now};
}

} // namespace

int leases_release(const leases_options& options) {
  if (options.ranges.empty() != options.all)
    return fail(exit_usage, "name the ranges to release, or say --all");
  leases_session session{options};
  if (session.code() != exit_ok)
    return session.code();
  auto& ours = session.ours();
  const auto chosen = choose(ours.leases, options.ranges);
  if (!chosen)
    return fail(exit_failure, chosen.error().detail);
  const auto surgery = plan_release(*chosen, ours.listing.now);
  return change(options, ours, surgery, objections_of(owned_among(surgery, ours.leases)));
}

int leases_rewind(const leases_options& options) {
  if (options.to.empty() != options.to_beginning)
    return fail(exit_usage, "say either --to TIME or --to-beginning");
  const auto to = options.to_beginning ? std::optional{wall_time{}} : parse_iso8601(options.to);
  if (!to)
    return fail(exit_usage,
                "--to " + options.to + " is not a time; hint: write 2026-01-01T00:00:00Z");
  leases_session session{options};
  if (session.code() != exit_ok)
    return session.code();
  auto& ours = session.ours();
  if (!options.to_beginning && !ours.processor.knows_times)
    return fail(exit_usage, describe(ours.processor)
                                + ": positions of this feed have no time; hint: --to-beginning");
  if (*to > ours.listing.now)
    return fail(exit_usage, "--to " + options.to + " is in the future: it is "
                                + format_iso8601(ours.listing.now) + " by the store's clock");
  const auto chosen = choose(ours.leases, options.ranges);
  if (!chosen)
    return fail(exit_failure, chosen.error().detail);
  const auto surgery = plan_rewind(*chosen, *to, ours.listing.now);
  return change(options, ours, surgery, objections_of(owned_among(surgery, ours.leases)));
}

int leases_import(const leases_options& options) {
  const auto text = read_text(options.file);
  if (!text)
    return fail(exit_failure, text.error().detail);
  const auto file = read_export(*text);
  if (!file)
    return fail(exit_failure, options.file + " can't be imported: " + file.error().detail);
  leases_session session{options, true};
  if (session.code() != exit_ok)
    return session.code();
  auto& ours = session.ours();
  const auto identity = session.identity();
  if (const auto same = check_same_feed(file->processor, identity); !same)
    return fail(exit_failure, options.file + " can't be imported: " + same.error().detail);
  lease_source from{.name = "the export", .leases = {}, .state = file->state};
  lease_listing listed;
  listed.leases = file->leases;
  from.leases = view_of(listed, session.ranges(), milliseconds{0});
  auto surgery = plan_transfer(from, destination(ours));
  if (!surgery)
    return fail(exit_failure, surgery.error().detail);
  if (file->processor.prefix != identity.prefix)
    surgery->notes.push_back("the export is of lease prefix " + file->processor.prefix
                             + ", these leases of " + identity.prefix);
  return change(options, ours, *surgery, objections_of(owned_among(*surgery, ours.leases)));
}

int leases_adopt(const leases_options& options) {
  if (options.from.empty())
    return fail(exit_usage, "say --from HOST: the account's host name in the old lease ids");
  if (options.from.find_first_of(":/") != std::string::npos)
    return fail(exit_usage, "--from " + options.from
                                + " is more than a host name; hint: write it without scheme, port "
                                  "and path, as in acme.documents.azure.com");
  leases_session session{options, true};
  if (session.code() != exit_ok)
    return session.code();
  auto& ours = session.ours();
  if (options.from == ours.processor.host)
    return fail(exit_usage, "--from " + options.from + " is the account's present host name");
  const auto old = session.of_host(options.from);
  if (!old)
    return session.code();
  if (old->leases.empty())
    return fail(exit_failure, describe(ours.processor) + ": there are no leases under "
                                  + options.from + ", as of " + ours.processor.prefix + options.from
                                  + '_' + ours.processor.database + '_'
                                  + ours.processor.collection);
  const lease_source from{options.from, old->leases, old->state};
  auto surgery = plan_transfer(from, destination(ours));
  if (!surgery)
    return fail(exit_failure, surgery.error().detail);
  surgery->notes.push_back("the leases under " + options.from + " are left as they are");
  auto objections = objections_of(owned_among(*surgery, ours.leases));
  for (const auto& o : objections_of(owned_among(old->leases)))
    objections.push_back(o + ", under " + options.from);
  for (const auto& e : surgery->edits)
    if (e.before && !e.before->continuation.empty())
      objections.push_back("lease " + e.before->range_id + " has a position already");
  return change(options, ours, *surgery, std::move(objections));
}

} // namespace feedcast::app
