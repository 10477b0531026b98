#include "http/message.hpp"

#include <algorithm>

namespace feedcast::http {

namespace {

constexpr char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool is_unreserved(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'
         || c == '.' || c == '_' || c == '~';
}

/// The value of a hexadecimal digit, -1 for anything else.
constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  const auto lower = to_lower(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

} // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return to_lower(x) == to_lower(y); });
}

void header_list::set(std::string_view name, std::string value) {
  std::erase_if(fields_, [&](const auto& field) { return iequals(field.first, name); });
  add(name, std::move(value));
}

void header_list::add(std::string_view name, std::string value) {
  constexpr std::size_t usual = 20;
  if (fields_.empty())
    fields_.reserve(usual);
  fields_.emplace_back(name, std::move(value));
}

std::string_view header_list::get(std::string_view name) const noexcept {
  const auto at = std::find_if(fields_.begin(), fields_.end(),
                               [&](const auto& field) { return iequals(field.first, name); });
  return at == fields_.end() ? std::string_view{} : std::string_view{at->second};
}

bool header_list::has(std::string_view name) const noexcept {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const auto& field) { return iequals(field.first, name); });
}

std::string encode_segment(std::string_view segment) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(segment.size());
  for (const auto c : segment) {
    if (is_unreserved(c)) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

std::string decode_segment(std::string_view segment) {
  std::string out;
  out.reserve(segment.size());
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] == '%' && i + 2 < segment.size()) {
      const auto high = hex_value(segment[i + 1]);
      const auto low = hex_value(segment[i + 2]);
      if (high >= 0 && low >= 0) {
        out += static_cast<char>(high * 16 + low);
        i += 2;
        continue;
      }
    }
    out += segment[i];
  }
  return out;
}

} // namespace feedcast::http
