// consumers_model: runs schedules of OpenWhisk's controllers beside feedcast, each from a seed, and
// looks for cached documents that are older than their region's.
#include "core/log.hpp"
#include "tests/consumers/runner.hpp"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <optional>
#include <string_view>

namespace {

using namespace feedcast::consumers;

constexpr auto help =
    R"(Runs schedules of controllers, regions and faults around feedcast, each from a seed, and looks
for stale caches after each.

Usage: consumers_model --seeds A..B [--jobs N] [--without WHAT] [--expect-stale]
       consumers_model --seed N [--without WHAT] [--all]

  --seeds A..B    all seeds from A to B; 100 seeds or more with nothing switched off must also meet
                  every kind of event
  --jobs N        on so many threads (1)
  --without WHAT  switch off confirm, rewind, own-region or tombstones (again for more)
  --expect-stale  succeed if there are stale keys, and fail if there are none
  --seed N        one seed; prints what happened to the first stale key
  --all           to all keys

Exit codes: 0 as expected, 1 not so, or something never came to rest or was never met, 64 wrong usage.
)";

struct usage_error {
  std::string what;
};

std::uint64_t number(std::string_view text) {
  std::uint64_t n = 0;
  const auto r = std::from_chars(text.data(), text.data() + text.size(), n);
  if (r.ec != std::errc{} || r.ptr != text.data() + text.size())
    throw usage_error{"not a number: " + std::string{text}};
  return n;
}

struct order {
  std::uint64_t first = 1;
  std::uint64_t last = 0;
  std::size_t jobs = 1;
  switches on;
  bool all_on = true;
  bool expect_stale = false;
  std::optional<std::uint64_t> seed;
  bool all_keys = false;
};

void switch_off(order& o, std::string_view what) {
  o.all_on = false;
  if (what == "confirm")
    o.on.confirm = false;
  else if (what == "rewind")
    o.on.rewind = false;
  else if (what == "own-region")
    o.on.own_region = false;
  else if (what == "tombstones")
    o.on.tombstones = false;
  else
    throw usage_error{"there is nothing to switch off that is called " + std::string{what}};
}

int run_many(const order& o) {
  const auto all = run_seeds(o.first, o.last, o.jobs, o.on);
  std::cout << all.seeds << " schedules, " << static_cast<std::uint64_t>(all.hours * 60)
            << " virtual minutes\n";
  for (std::size_t i = 0; i < met_names.size(); ++i)
    std::cout << "  " << met_names[i] << ": " << all.seen.of(static_cast<met>(i)) << '\n';
  std::cout << all.stale_keys << " stale keys, in " << all.with_stale_keys.size() << " schedules\n";
  bool good = all.never_at_rest.empty() && all.with_stale_keys.empty() != o.expect_stale;
  for (const auto seed : all.never_at_rest)
    std::cout << "seed " << seed << " never came to rest\n";
  if (o.all_on && all.seeds >= 100)
    for (const auto& what : all.never_met()) {
      std::cout << "never met: " << what << '\n';
      good = false;
    }
  if (!o.expect_stale && !all.with_stale_keys.empty()) {
    const auto seed = *std::min_element(all.with_stale_keys.begin(), all.with_stale_keys.end());
    for (const auto s : all.with_stale_keys)
      std::cout << "seed " << s << " has stale keys\n";
    std::cout << "seed " << seed << ":\n" << history_of(seed, o.on, false);
  }
  return good ? 0 : 1;
}

int run_one(const order& o) {
  feedcast::log::configure(feedcast::log::level::off, feedcast::log::format::logfmt);
  std::cout << history_of(*o.seed, o.on, o.all_keys);
  const auto r = run_seed(*o.seed, o.on);
  std::cout << r.stale.size() << " stale keys after " << r.length << " ms\n";
  return r.drained && r.stale.empty() != o.expect_stale ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  order o;
  bool many = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto& a = arguments[i];
    const auto value = [&]() -> const std::string& {
      if (++i == arguments.size())
        throw usage_error{a + " wants a value"};
      return arguments[i];
    };
    if (a == "--help" || a == "-h") {
      std::cout << help;
      return 0;
    }
    if (a == "--seeds") {
      const std::string range = value();
      const auto dots = range.find("..");
      if (dots == std::string::npos)
        throw usage_error{"--seeds wants A..B"};
      o.first = number(std::string_view{range}.substr(0, dots));
      o.last = number(std::string_view{range}.substr(dots + 2));
      many = true;
    } else if (a == "--seed")
      o.seed = number(value());
    else if (a == "--jobs")
      o.jobs = std::max<std::size_t>(1, number(value()));
    else if (a == "--without")
      switch_off(o, value());
    else if (a == "--expect-stale")
      o.expect_stale = true;
    else if (a == "--all")
      o.all_keys = true;
    else
      throw usage_error{"unknown argument " + a};
  }
  if (o.seed)
    return run_one(o);
  if (!many)
    throw usage_error{"say which seeds"};
  return run_many(o);
}

} // namespace

int main(int count, char** texts) {
  try {
    return run({texts + 1, texts + count});
  } catch (const usage_error& e) {
    std::cerr << "consumers_model: error: " << e.what << " (--help shows how)\n";
    return 64;
  }
}
