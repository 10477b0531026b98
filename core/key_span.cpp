#include "core/key_span.hpp"

#include <algorithm>
#include <cmath>

namespace feedcast {

namespace {

unsigned digit_of(char c) noexcept {
  if (c >= '0' && c <= '9')
    return static_cast<unsigned>(c - '0');
  if (c >= 'A' && c <= 'F')
    return static_cast<unsigned>(c - 'A') + 10;
  if (c >= 'a' && c <= 'f')
    return static_cast<unsigned>(c - 'a') + 10;
  return 0;
}

/// Keys begin with a byte below 0x40 (the service keeps the rest of the space free), so that "FF"
/// does not lie 255 steps away from "00" but where keys end.
constexpr double first_bytes = 64;

double place_of(const std::string& key) noexcept {
  constexpr std::size_t digits = 16;
  double place = 0;
  double weight = 256;
  for (std::size_t i = 0; i < std::min(digits, key.size()); ++i)
    place += digit_of(key[i]) * (weight /= 16);
  return std::min(place / first_bytes, 1.0);
}

} // namespace

bool covers(const key_span& outer, const key_span& inner) noexcept {
  return outer.min <= inner.min && inner.max <= outer.max;
}

std::optional<key_span> intersection(const key_span& a, const key_span& b) {
  key_span both{std::max(a.min, b.min), std::min(a.max, b.max)};
  if (both.min >= both.max)
    return std::nullopt;
  return both;
}

double share_of_key_space(const key_span& span) noexcept {
  return std::max(0.0, place_of(span.max) - place_of(span.min));
}

std::string to_string(const key_span& span) {
  return span.min + '-' + span.max;
}

} // namespace feedcast
