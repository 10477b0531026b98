#include "core/log.hpp"

#include "core/clock.hpp"
#include "core/line_writer.hpp"
#include "core/log_text.hpp"

#include <unistd.h>

namespace feedcast::log {

namespace {

struct state {
  line_writer out{STDERR_FILENO};
  std::atomic<level> threshold{level::info};
  std::atomic<bool> json{isatty(STDERR_FILENO) == 0};
  std::atomic<std::uint64_t> dropped{0};
  std::atomic<std::uint64_t> untold{0}; ///< of those, the ones that no line has told of yet
};

state& shared() {
  // Never destroyed: threads of libraries may still have something to say while the process ends.
  static auto& instance = *new state;
  return instance;
}

std::string_view name_of(level l) {
  switch (l) {
  case level::debug:
    return "debug";
  case level::info:
    return "info";
  case level::warn:
    return "warn";
  case level::error:
    return "error";
  case level::off:
    break;
  }
  return "off";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

/// False for the `nan` and `inf` of a double.
bool is_json_number(std::string_view text) {
  return text.find_first_not_of("0123456789.-") == std::string_view::npos;
}

std::string json_line(level l, std::string_view message, std::initializer_list<field> fields) {
  std::string line = R"({"ts":")" + format_iso8601(std::chrono::system_clock::now())
                     + R"(","level":")" + std::string{name_of(l)} + R"(","msg":)";
  append_quoted(line, message);
  for (const auto& f : fields) {
    line += ',';
    append_quoted(line, f.key);
    line += ':';
    if (f.bare && is_json_number(f.value))
      line += f.value;
    else
      append_quoted(line, f.value);
  }
  line += '}';
  return line;
}

std::string logfmt_line(level l, std::string_view message, std::initializer_list<field> fields) {
  std::string line = "ts=" + format_iso8601(std::chrono::system_clock::now())
                     + " level=" + std::string{name_of(l)} + " msg=";
  append_quoted(line, message);
  for (const auto& f : fields) {
    line += ' ';
    line += f.key;
    line += '=';
    if (needs_quotes(f.value))
      append_quoted(line, f.value);
    else
      line += f.value;
  }
  return line;
}

} // namespace

void configure(level threshold, format how) {
  shared().threshold = threshold;
  if (how != format::automatic)
    shared().json = how == format::json;
}

level parse_level(std::string_view name) {
  for (auto l : {level::debug, level::info, level::warn, level::error, level::off})
    if (name == name_of(l))
      return l;
  return level::info;
}

bool enabled(level l) noexcept {
  return l >= shared().threshold.load(std::memory_order_relaxed);
}

void write(level l, std::string_view message, std::initializer_list<field> fields) {
  auto& s = shared();
  const auto line_of = s.json ? json_line : logfmt_line;
  if (const auto lost = s.untold.exchange(0);
      lost > 0
      && !s.out.put(line_of(level::warn, "log lines dropped: nobody read them", {{"lines", lost}})))
    s.untold += lost;
  if (!s.out.put(line_of(l, message, fields))) {
    ++s.dropped;
    ++s.untold;
  }
}

std::uint64_t dropped_lines() noexcept {
  return shared().dropped.load(std::memory_order_relaxed);
}

limiter::pass limiter::admit() noexcept {
  const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                       std::chrono::steady_clock::now().time_since_epoch())
                       .count();
  auto next = next_.load(std::memory_order_relaxed);
  if (now < next || !next_.compare_exchange_strong(next, now + interval_.count())) {
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return {};
  }
  return {true, suppressed_.exchange(0, std::memory_order_relaxed)};
}

} // namespace feedcast::log
