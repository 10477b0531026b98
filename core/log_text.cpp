#include "core/log_text.hpp"

#include <algorithm>
#include <cstdint>

namespace feedcast::log {

namespace {

constexpr char32_t invalid = 0xfffd;

struct decoded {
  char32_t code = invalid;
  std::size_t bytes = 1;
};

/// The character that `text` begins with. Anything that is not the shortest UTF-8 of a character is
/// one invalid byte.
decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  const std::size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes)
    return {};
  auto code = static_cast<char32_t>(lead & (0xffU >> (bytes + 1)));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U)
      return {};
    code = code << 6U | (byte(i) & 0x3fU);
  }
  const bool shortest = bytes == 2 || code >= (bytes == 3 ? 0x800U : 0x10000U);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  return shortest && !surrogate && code <= 0x10ffff ? decoded{code, bytes} : decoded{};
}

/// What a terminal or a reader of lines would act upon instead of showing it.
bool acts(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0x061c || c == 0x200e || c == 0x200f
         || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void append_code(std::string& out, char32_t c) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += "\\u";
  for (const auto shift : {12U, 8U, 4U, 0U})
    out += hex[(c >> shift) & 15U];
}

} // namespace

void append_escaped(std::string& out, std::string_view text) {
  const auto whole = text.size();
  const bool cut = whole > max_value_bytes;
  if (cut) {
    auto end = max_value_bytes;
    while (end > max_value_bytes - 4 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
      --end; // not within a character
    text = text.substr(0, end);
  }
  while (!text.empty()) {
    const auto [code, bytes] = decode(text);
    if (code == '"' || code == '\\')
      (out += '\\') += static_cast<char>(code);
    else if (code == '\n')
      out += "\\n";
    else if (acts(code) || code == invalid)
      append_code(out, code);
    else
      out.append(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
  if (cut)
    out += "... (" + std::to_string(whole) + " bytes)";
}

void append_inert(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto [code, bytes] = decode(text);
    if (acts(code) || code == invalid)
      append_code(out, code);
    else
      out.append(text.substr(0, bytes));
    text.remove_prefix(bytes);
  }
}

bool needs_quotes(std::string_view text) {
  return text.empty() || text.size() > max_value_bytes
         || std::any_of(text.begin(), text.end(), [](char c) {
              const auto byte = static_cast<unsigned char>(c);
              return byte <= 0x20 || byte >= 0x7f || c == '"' || c == '=' || c == '\\';
            });
}

} // namespace feedcast::log
