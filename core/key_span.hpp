#pragma once

#include <optional>
#include <string>

namespace feedcast {

/// A span of a feed's key space: effective partition keys from `min` on and below `max`, as
/// hexadecimal text in capitals. "" is the lowest key, "FF" lies above the highest; the text order
/// is the order of keys.
struct key_span {
  std::string min;
  std::string max;
  auto operator<=>(const key_span&) const = default;
};

inline key_span whole_key_space() {
  return {"", "FF"};
}

bool covers(const key_span& outer, const key_span& inner) noexcept;

/// What both have in common; nullopt if that is nothing.
std::optional<key_span> intersection(const key_span& a, const key_span& b);

/// Which part of the key space it is, from 0 to 1, by the first eight bytes of its bounds.
double share_of_key_space(const key_span& span) noexcept;

/// "1F-3F", as lease tokens of key ranges are written.
std::string to_string(const key_span& span);

} // namespace feedcast
