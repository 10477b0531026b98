// lease_simulation: runs seeds of the lease simulation, replays and shrinks those that fail.
#include "tests/simulation/runner.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iostream>
#include <optional>
#include <string_view>
#include <thread>

namespace {

using namespace feedcast::simulation;

constexpr auto help = R"(Runs simulations of hosts that share leases, each from a seed.

Usage: lease_simulation --seeds A..B [--jobs N]
       lease_simulation --file FILE
       lease_simulation --seed N [--shrink] [--only I,J,...] [--trace]

  --seeds A..B   all seeds from A to B; a full run (1,000 seeds or more) must also meet every fault
  --jobs N       on so many threads (1)
  --file FILE    the seeds that stand in FILE, one a line; # begins a comment
  --seed N       one seed; prints its schedule
  --shrink       drop events while a rule is still broken; print what is left
  --only I,J     only these events of the schedule, counted from 0
  --trace        print every call of every host

Exit codes: 0 no rule was broken, 1 one was or a fault was never met, 64 wrong usage.
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

void print(const std::vector<scheduled>& events) {
  for (std::size_t i = 0; i < events.size(); ++i)
    std::cout << "  [" << i << "] " << to_string(events[i]) << '\n';
}

summary run_all(const std::vector<std::uint64_t>& seeds, std::size_t jobs) {
  std::vector<summary> parts(jobs);
  std::vector<std::thread> threads;
  for (std::size_t j = 0; j < jobs; ++j)
    threads.emplace_back([&, j] {
      for (auto i = j; i < seeds.size(); i += jobs) {
        const auto o = run_seed(seeds[i]);
        parts[j].add(seeds[i], o);
        if (!o.violations.empty())
          std::cout << "seed " + std::to_string(seeds[i]) + ": " + o.violations.front() + "\n"
                    << std::flush;
      }
    });
  for (auto& t : threads)
    t.join();
  summary all;
  for (const auto& p : parts)
    all.add(p);
  return all;
}

int run_many(const std::vector<std::uint64_t>& seeds, std::size_t jobs) {
  const auto all = run_all(seeds, jobs);
  std::cout << all.seeds << " seeds, " << static_cast<std::uint64_t>(all.hours)
            << " virtual hours, " << all.moves << " moves\n";
  for (const auto& [name, n] : all.seen)
    std::cout << "  " << name << ": " << n << '\n';
  std::cout << all.failed.size() << " seeds broke a rule\n";
  bool good = all.failed.empty();
  if (all.seeds >= 1'000)
    for (const auto& name : all.never_met()) {
      std::cout << "never met: " << name << '\n';
      good = false;
    }
  return good ? 0 : 1;
}

int run_one(std::uint64_t seed, bool shrinking, bool trace,
            const std::optional<std::string>& only) {
  const auto s = setup_of(seed);
  auto events = schedule_of(s);
  if (only) {
    std::vector<scheduled> chosen;
    std::string_view left{*only};
    while (!left.empty()) {
      const auto comma = std::min(left.find(','), left.size());
      chosen.push_back(events.at(number(left.substr(0, comma))));
      left.remove_prefix(std::min(comma + 1, left.size()));
    }
    events = std::move(chosen);
  }
  if (shrinking)
    events = shrink(s, std::move(events));
  std::cout << "seed " << seed << ": " << to_string(s) << '\n';
  print(events);
  const auto o = run_events(s, events, trace);
  for (const auto& v : o.violations)
    std::cout << v << '\n';
  if (o.violations.empty())
    std::cout << "no rule was broken\n";
  return o.violations.empty() ? 0 : 1;
}

std::vector<std::uint64_t> seeds_of_file(const std::string& path) {
  std::ifstream in{path};
  if (!in)
    throw usage_error{"can't read " + path};
  std::vector<std::uint64_t> seeds;
  for (std::string line; std::getline(in, line);) {
    line = line.substr(0, line.find('#'));
    line.erase(std::remove(line.begin(), line.end(), ' '), line.end());
    if (!line.empty())
      seeds.push_back(number(line));
  }
  return seeds;
}

int run(const std::vector<std::string>& arguments) {
  std::optional<std::uint64_t> seed;
  std::optional<std::string> only;
  std::vector<std::uint64_t> seeds;
  std::size_t jobs = 1;
  bool shrinking = false;
  bool many = false;
  bool trace = false;
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
      const auto last = number(std::string_view{range}.substr(dots + 2));
      for (auto n = number(std::string_view{range}.substr(0, dots)); n <= last; ++n)
        seeds.push_back(n);
      many = true;
    } else if (a == "--file") {
      seeds = seeds_of_file(value());
      many = true;
    } else if (a == "--seed")
      seed = number(value());
    else if (a == "--jobs")
      jobs = std::max<std::size_t>(1, number(value()));
    else if (a == "--only")
      only = value();
    else if (a == "--trace")
      trace = true;
    else if (a == "--shrink")
      shrinking = true;
    else
      throw usage_error{"unknown argument " + a};
  }
  if (seed)
    return run_one(*seed, shrinking, trace, only);
  if (!many)
    throw usage_error{"say which seeds"};
  return run_many(seeds, jobs);
}

} // namespace

int main(int count, char** texts) {
  try {
    return run({texts + 1, texts + count});
  } catch (const usage_error& e) {
    std::cerr << "lease_simulation: error: " << e.what << " (--help shows how)\n";
    return 64;
  }
}
