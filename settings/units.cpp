#include "settings/units.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace feedcast::settings {

namespace {

struct unit {
  std::string_view name;
  std::uint64_t factor;
};

// Largest first: formatting takes the first that divides the value.
constexpr std::array<unit, 4> duration_units{
    {{"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}}};
constexpr std::array<unit, 4> size_units{
    {{"GiB", 1ULL << 30U}, {"MiB", 1ULL << 20U}, {"KiB", 1ULL << 10U}, {"", 1}}};

template <std::size_t N>
std::optional<std::uint64_t>
parse_with_unit(std::string_view text, const std::array<unit, N>& units, std::uint64_t largest) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data(), end, number);
  if (failure != std::errc{})
    return std::nullopt;
  const std::string_view name{rest, static_cast<std::size_t>(end - rest)};
  for (const auto& u : units)
    if (u.name == name)
      return number <= largest / u.factor ? std::optional{number * u.factor} : std::nullopt;
  return std::nullopt;
}

template <std::size_t N>
std::string format_with_unit(std::uint64_t value, const std::array<unit, N>& units) {
  for (const auto& u : units)
    if (value != 0 && value % u.factor == 0)
      return std::to_string(value / u.factor) + std::string{u.name};
  return "0";
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
  if (text == "0")
    return milliseconds{0};
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  const auto value = parse_with_unit(text, duration_units, largest);
  if (!value)
    return std::nullopt;
  return milliseconds{static_cast<std::int64_t>(*value)};
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units, std::numeric_limits<std::uint64_t>::max());
}

std::optional<percent> parse_percent(std::string_view text) {
  if (text == "off")
    return percent{};
  const auto value = parse_with_unit(text, std::array<unit, 1>{{{"%", 1}}},
                                     std::numeric_limits<std::uint32_t>::max());
  if (!value || *value == 0)
    return std::nullopt;
  return percent{static_cast<std::uint32_t>(*value)};
}

std::optional<std::uint64_t> parse_count(std::string_view text) {
  return parse_with_unit(text, std::array<unit, 1>{{{"", 1}}},
                         std::numeric_limits<std::uint64_t>::max());
}

std::string format_duration(milliseconds value) {
  return format_with_unit(static_cast<std::uint64_t>(value.count()), duration_units);
}

std::string format_size(std::uint64_t bytes) {
  return format_with_unit(bytes, size_units);
}

std::string format_percent(percent value) {
  return value.value == 0 ? "off" : std::to_string(value.value) + '%';
}

} // namespace feedcast::settings
