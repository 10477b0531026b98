#include "core/clock.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>

namespace feedcast {

namespace {

using namespace std::chrono;

constexpr std::array<const char*, 7> day_names{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<const char*, 12> month_names{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

class real_clock final : public clock_source {
 public:
  steady_time steady() const override { return std::chrono::steady_clock::now(); }

  wall_time wall() const override { return std::chrono::system_clock::now(); }
};

/// Reads `digits` decimal digits at `text[at]`; nullopt if there are fewer.
std::optional<int> number_at(std::string_view text, std::size_t at, std::size_t digits) {
  if (at + digits > text.size())
    return std::nullopt;
  int value = 0;
  for (auto c : text.substr(at, digits)) {
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// A clock of nanoseconds ends in 1677 and 2262; beyond, a time would wrap into a plausible one.
constexpr int first_year = 1678;
constexpr int last_year = 2261;

std::optional<wall_time> make_time(int y, int mon, int d, int h, int m, int s) {
  const year_month_day date{year{y}, month{static_cast<unsigned>(mon)},
                            day{static_cast<unsigned>(d)}};
  if (y < first_year || y > last_year || !date.ok() || h > 23 || m > 59 || s > 60)
    return std::nullopt;
  return wall_time{sys_days{date} + hours{h} + minutes{m} + seconds{s}};
}

/// An offset or a leap second may move a time out of them: it could be written, but not read again.
std::optional<wall_time> within_our_years(wall_time t) {
  const auto y = static_cast<int>(year_month_day{floor<days>(t)}.year());
  return y < first_year || y > last_year ? std::nullopt : std::optional{t};
}

} // namespace

const clock_source& system_clock_source() {
  static const real_clock instance;
  return instance;
}

std::string format_http_date(wall_time t) {
  const auto days = floor<std::chrono::days>(t);
  const year_month_day date{days};
  const hh_mm_ss time{floor<seconds>(t - days)};
  std::array<char, 40> out{};
  static_cast<void>(std::snprintf(
      out.data(), out.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
      day_names[weekday{days}.c_encoding()], static_cast<unsigned>(date.day()),
      month_names[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count())));
  return out.data();
}

std::optional<wall_time> parse_http_date(std::string_view text) {
  // "Thu, 01 Jan 2026 00:00:00 GMT": fixed columns.
  if (text.size() != 29 || text.substr(25) != " GMT" || text.substr(3, 2) != ", " || text[7] != ' '
      || text[11] != ' ' || text[16] != ' ' || text[19] != ':' || text[22] != ':')
    return std::nullopt;
  if (std::find(day_names.begin(), day_names.end(), text.substr(0, 3)) == day_names.end())
    return std::nullopt;
  const auto d = number_at(text, 5, 2);
  const auto y = number_at(text, 12, 4);
  const auto h = number_at(text, 17, 2);
  const auto m = number_at(text, 20, 2);
  const auto s = number_at(text, 23, 2);
  if (!d || !y || !h || !m || !s)
    return std::nullopt;
  for (std::size_t i = 0; i < month_names.size(); ++i)
    if (text.substr(8, 3) == month_names[i])
      return make_time(*y, static_cast<int>(i) + 1, *d, *h, *m, *s);
  return std::nullopt;
}

std::string format_iso8601(wall_time t) {
  const auto days = floor<std::chrono::days>(t);
  const year_month_day date{days};
  const hh_mm_ss time{floor<std::chrono::milliseconds>(t - days)};
  std::array<char, 64> out{};
  static_cast<void>(std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
      static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count())));
  return out.data();
}

std::optional<wall_time> parse_iso8601(std::string_view text) {
  if (text.ends_with("[UTC]"))
    text.remove_suffix(5);
  const auto y = number_at(text, 0, 4);
  const auto mon = number_at(text, 5, 2);
  const auto d = number_at(text, 8, 2);
  const auto h = number_at(text, 11, 2);
  const auto m = number_at(text, 14, 2);
  const auto s = number_at(text, 17, 2);
  if (!y || !mon || !d || !h || !m || !s || text[4] != '-' || text[7] != '-'
      || (text[10] != 'T' && text[10] != 't' && text[10] != ' ') || text[13] != ':'
      || text[16] != ':')
    return std::nullopt;
  auto time = make_time(*y, *mon, *d, *h, *m, *s);
  if (!time)
    return std::nullopt;
  auto rest = text.substr(19);
  if (rest.starts_with('.')) {
    rest.remove_prefix(1);
    std::int64_t nanos = 0;
    std::int64_t unit = 100'000'000;
    std::size_t digits = 0;
    for (; digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits]));
         ++digits, unit /= 10)
      nanos += (rest[digits] - '0') * unit;
    if (digits == 0 || digits > 9)
      return std::nullopt;
    rest.remove_prefix(digits);
    *time += duration_cast<wall_time::duration>(nanoseconds{nanos});
  }
  if (rest == "Z" || rest == "z")
    return within_our_years(*time);
  if (rest.size() == 6 && (rest[0] == '+' || rest[0] == '-') && rest[3] == ':') {
    const auto off_h = number_at(rest, 1, 2);
    const auto off_m = number_at(rest, 4, 2);
    if (!off_h || !off_m || *off_h > 23 || *off_m > 59)
      return std::nullopt;
    const auto offset = hours{*off_h} + minutes{*off_m};
    return within_our_years(rest[0] == '+' ? *time - offset : *time + offset);
  }
  return std::nullopt;
}

} // namespace feedcast
