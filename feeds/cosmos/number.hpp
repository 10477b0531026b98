#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::cosmos {

/// A header value that is a decimal number and nothing else; nullopt otherwise.
template <class Number>
std::optional<Number> read_number(std::string_view text) noexcept {
  Number value{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return value;
}

} // namespace feedcast::cosmos
