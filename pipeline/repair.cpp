#include "pipeline/repair.hpp"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <optional>

namespace feedcast {

namespace {

/// Length of the valid UTF-8 sequence at the start of `text`, 0 if there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  std::size_t length = 0;
  std::uint32_t lowest = 0;
  std::uint32_t point = 0;
  if ((lead & 0xE0U) == 0xC0) {
    length = 2, lowest = 0x80, point = lead & 0x1FU;
  } else if ((lead & 0xF0U) == 0xE0) {
    length = 3, lowest = 0x800, point = lead & 0x0FU;
  } else if ((lead & 0xF8U) == 0xF0) {
    length = 4, lowest = 0x10000, point = lead & 0x07U;
  } else {
    return 0;
  }
  if (text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0U) != 0x80)
      return 0;
    point = point << 6U | (byte(i) & 0x3FU);
  }
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  return point < lowest || point > 0x10FFFF || surrogate ? 0 : length;
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | point >> 6U);
    put(0x80U | (point & 0x3FU));
  } else if (point < 0x10000) {
    put(0xE0U | point >> 12U);
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  } else {
    put(0xF0U | point >> 18U);
    put(0x80U | (point >> 12U & 0x3FU));
    put(0x80U | (point >> 6U & 0x3FU));
    put(0x80U | (point & 0x3FU));
  }
}

std::optional<std::uint32_t> hex4(std::string_view text) {
  if (text.size() < 4)
    return std::nullopt;
  std::uint32_t value = 0;
  for (const auto c : text.substr(0, 4)) {
    const auto digit = std::string_view{"0123456789abcdef"}.find(
        static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    if (digit == std::string_view::npos)
      return std::nullopt;
    value = value << 4U | static_cast<std::uint32_t>(digit);
  }
  return value;
}

/// Unescapes the JSON string whose text starts at `text[0]` (behind the opening quote). nullopt if
/// it is not closed or holds a bad escape.
std::optional<std::string> unescape(std::string_view text) {
  constexpr std::string_view from = "\"\\/bfnrt";
  constexpr std::string_view to = "\"\\/\b\f\n\r\t";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      return out;
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i >= text.size())
      return std::nullopt;
    if (const auto at = from.find(text[i]); at != std::string_view::npos) {
      out += to[at];
      continue;
    }
    auto point = text[i] == 'u' ? hex4(text.substr(i + 1)) : std::nullopt;
    if (!point)
      return std::nullopt;
    i += 4;
    if (*point >= 0xD800 && *point <= 0xDBFF) {
      const auto low =
          text.substr(i + 1).starts_with("\\u") ? hex4(text.substr(i + 3)) : std::nullopt;
      if (!low || *low < 0xDC00 || *low > 0xDFFF)
        return std::nullopt;
      point = 0x10000 + ((*point - 0xD800) << 10U) + (*low - 0xDC00);
      i += 6;
    } else if (*point >= 0xDC00 && *point <= 0xDFFF) {
      return std::nullopt;
    }
    append_utf8(out, *point);
  }
  return std::nullopt;
}

} // namespace

bool repaired_text::damaged(std::size_t from, std::size_t to) const {
  const auto first = std::lower_bound(damage.begin(), damage.end(), from);
  return first != damage.end() && *first < to;
}

repaired_text repair_text(std::string_view page) {
  repaired_text out;
  out.text.reserve(page.size());
  out.text.append(page);
  auto* text = out.text.data();
  bool in_string = false;
  for (std::size_t i = 0; i < page.size();) {
    const auto length = utf8_length(page.substr(i));
    if (length != 1) {
      if (length == 0) {
        text[i] = '?';
        out.damage.push_back(i);
      }
      i += std::max<std::size_t>(length, 1);
      continue;
    }
    if (in_string && page[i] == '\\') {
      ++i; // whatever is escaped is looked at by the parser, unless it is a control character
      if (i < page.size() && static_cast<unsigned char>(page[i]) >= 0x20
          && static_cast<unsigned char>(page[i]) < 0x80)
        ++i;
      continue;
    }
    if (page[i] == '"') {
      in_string = !in_string;
    } else if (in_string && static_cast<unsigned char>(page[i]) < 0x20) {
      text[i] = ' ';
      out.damage.push_back(i);
    }
    ++i;
  }
  return out;
}

bool cut_short(std::string_view page) noexcept {
  constexpr std::size_t tail = 64;
  const auto last = page.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos || page[last] != '}')
    return true;
  return page.substr(last - std::min(last, tail)).find("\"_count\"") == std::string_view::npos;
}

std::vector<std::string> salvage_ids(std::string_view page) {
  constexpr std::string_view member = "\"id\"";
  const auto skip_space = [&](std::size_t at) {
    while (at < page.size() && std::isspace(static_cast<unsigned char>(page[at])) != 0)
      ++at;
    return at;
  };
  std::vector<std::string> ids;
  for (auto at = page.find(member); at != std::string_view::npos; at = page.find(member, at + 1)) {
    auto value = skip_space(at + member.size());
    if (value >= page.size() || page[value] != ':')
      continue;
    value = skip_space(value + 1);
    if (value >= page.size() || page[value] != '"')
      continue;
    auto id = unescape(page.substr(value + 1));
    const auto sound = [](const std::string& text) {
      for (std::string_view rest = text; !rest.empty();) {
        const auto length = utf8_length(rest);
        if (length == 0)
          return false;
        rest.remove_prefix(length);
      }
      return !text.empty();
    };
    if (id && sound(*id))
      ids.push_back(std::move(*id));
  }
  return ids;
}

} // namespace feedcast
