#include "app/leases/session.hpp"

#include "app/exit_code.hpp"
#include "app/version.hpp"
#include "app/wait_for.hpp"

#include <cstdio>

namespace feedcast::app {

namespace {

constexpr milliseconds patience{20'000};

void complain(const char* kind, const std::string& what) {
  std::fprintf(stderr, "%s: %s\n", kind, what.c_str());
}

} // namespace

result<std::pair<std::string, std::string>> choose_processor(const settings::service_config& config,
                                                             const std::string& target,
                                                             const std::string& feed) {
  std::vector<std::pair<std::string, std::string>> found;
  std::string names;
  for (const auto& [name, t] : config.targets)
    for (const auto& f : t.feeds) {
      names.append(names.empty() ? "" : ", ").append(name + '/' + f);
      if ((target.empty() || target == name) && (feed.empty() || feed == f))
        found.emplace_back(name, f);
    }
  if (found.size() == 1)
    return found.front();
  return make_error(errc::rejected,
                    (found.empty() ? "there is no such processor" : "several processors are meant")
                        + std::string{"; hint: choose with --target and --feed among "} + names);
}

std::string describe(const processor_leases& p) {
  return "target " + p.target + ", feed " + p.feed + " (" + p.place + ')';
}

leases_session::leases_session(const leases_options& options, bool beside_others)
    : loaded_(load_configuration(options.configuration)) {
  print_diagnostics(loaded_);
  if (!loaded_.ok()) {
    code_ = exit_configuration;
    return;
  }
  const auto chosen = choose_processor(*loaded_.config, options.target, options.feed);
  if (!chosen) {
    fail(exit_usage, chosen.error().detail);
    return;
  }
  name_ = *chosen;
  shared_ = std::make_unique<platform>(1, metrics::service_facts{version, FEEDCAST_REVISION, ""},
                                       loaded_.config->instance);
  ours_ = open({}, beside_others);
}

std::nullopt_t leases_session::fail(int code, const std::string& what) {
  complain("error", what);
  code_ = code;
  return std::nullopt;
}

std::optional<open_leases> leases_session::open(const std::string& host, bool beside_others) {
  auto wired =
      wire_leases(*loaded_.config, name_.first, name_.second, *shared_, host, beside_others);
  if (!wired)
    return fail(exit_code_of(wired.error().code), wired.error().detail);
  open_leases out{
      .processor = std::move(*wired), .store = {}, .state = {}, .listing = {}, .leases = {}};
  const auto who = describe(out.processor) + ": ";
  out.store = std::make_unique<store_access>(out.processor.open(), patience);
  const auto state = out.store->open();
  if (!state)
    return fail(exit_code_of(state.error().code), who + to_string(state.error()));
  out.state = *state;
  auto listing = out.store->list();
  if (!listing)
    return fail(exit_code_of(listing.error().code), who + to_string(listing.error()));
  out.listing = std::move(*listing);
  if (!ranges_) {
    const auto source = out.processor.open_source();
    const auto ranges = wait_for<std::vector<feed_range>>(
        patience, [&](auto done) { source->ranges(std::move(done)); });
    if (ranges)
      ranges_ = keys_of(*ranges);
    else
      complain("warning", who + "the feed's ranges can't be read: " + to_string(ranges.error()));
  }
  out.leases = view_of(out.listing, ranges_, loaded_.config->tuning.leases.expiry);
  return out;
}

std::optional<open_leases> leases_session::of_host(const std::string& host) {
  return open(host, true);
}

processor_identity leases_session::identity() const {
  const auto& p = ours_->processor;
  processor_identity out{p.target, p.feed, p.host, p.database, p.collection, {}, p.prefix};
  if (!p.read_rid)
    return out;
  if (const auto rid =
          wait_for<std::string>(patience, [&](auto done) { p.read_rid(std::move(done)); }))
    out.collection_rid = *rid;
  else
    complain("warning", describe(p)
                            + ": the collection can't be read, so that its _rid is not "
                              "known: "
                            + to_string(rid.error()));
  return out;
}

} // namespace feedcast::app
