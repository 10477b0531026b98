#include "emulator/script.hpp"

#include "core/log.hpp"
#include "emulator/control_table.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace feedcast::emulator {
namespace {

constexpr std::string_view blank = " \t\r";

/// Takes the next word off `text`.
std::string_view next_word(std::string_view& text) {
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
  const std::size_t end = std::min(text.find_first_of(blank), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(end);
  return word;
}

std::string_view trimmed(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(blank), text.size()));
  return text.substr(0, text.find_last_not_of(blank) + 1);
}

/// "1500ms", "2s", "1m"
result<milliseconds> read_time(std::string_view text) {
  constexpr std::int64_t longest = 1'000'000;
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 3> units = {
      {{"ms", 1}, {"s", 1000}, {"m", 60'000}}};
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  const auto known =
      std::find_if(units.begin(), units.end(), [&](const auto& u) { return u.first == unit; });
  if (failure != std::errc{} || count < 0 || count > longest || known == units.end())
    return make_error(errc::rejected,
                      "'" + std::string(text) + "' is no time: write it as 1500ms, 2s or 1m");
  return milliseconds(count * known->second);
}

/// Reads one line that is not empty.
result<script_step> read_step(std::string_view line) {
  const auto at = read_time(next_word(line));
  if (!at)
    return at.error();
  script_step step{*at, std::string(next_word(line)), std::string(next_word(line)), {}, 0};
  step.body = trimmed(line);
  if (step.target.empty())
    return make_error(errc::rejected, "a line is TIME METHOD PATH [BODY], such as 2s POST "
                                      "/_emulator/faults {\"operation\":\"feed\"}");
  const auto good = check_control_request(step.method, step.target, step.body);
  if (!good)
    return make_error(errc::rejected, good.error().message);
  return step;
}

} // namespace

result<std::vector<script_step>> read_script(std::string_view text, std::string_view file) {
  std::vector<script_step> steps;
  std::string complaints;
  milliseconds last{0};
  for (unsigned number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#')
      continue;
    auto step = read_step(line);
    if (step && step->at < last)
      step = make_error(errc::rejected, "this is earlier than the line before: times count from "
                                        "the start and don't fall");
    if (!step) {
      complaints += (complaints.empty() ? "" : "\n") + std::string(file) + ':'
                    + std::to_string(number) + ": error: " + step.error().detail;
      continue;
    }
    last = step->at;
    step->line = number;
    steps.push_back(std::move(*step));
  }
  if (!complaints.empty())
    return make_error(errc::rejected, complaints);
  return steps;
}

script_runner::script_runner(std::vector<script_step> steps, service target)
    : steps_(std::move(steps)), target_(std::move(target)), thread_([this] { run(); }) {}

script_runner::~script_runner() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

unsigned script_runner::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return done_; });
  return refused_;
}

void script_runner::run() {
  const auto start = std::chrono::steady_clock::now();
  for (const script_step& step : steps_) {
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_until(lock, start + step.at, [this] { return stopping_; }))
        break;
    }
    send(step);
  }
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
}

void script_runner::send(const script_step& step) {
  http::server_request request;
  const std::size_t query = std::min(step.target.find('?'), step.target.size());
  request.path = step.target.substr(0, query);
  request.query = step.target.substr(std::min(query + 1, step.target.size()));
  request.message = {step.method, step.target, {}, step.body};
  target_(std::move(request), [&](const http::server_response& answered) {
    const std::string line = std::to_string(step.line);
    const std::string status = std::to_string(answered.status);
    if (answered.status < 400) {
      log::info("script step done", {{"line", line}, {"path", step.target}, {"status", status}});
      return;
    }
    log::error(
        "script step refused",
        {{"line", line}, {"path", step.target}, {"status", status}, {"answer", answered.body}});
    const std::lock_guard lock(mutex_);
    ++refused_;
  });
}

} // namespace feedcast::emulator
