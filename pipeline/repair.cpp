#include "pipeline/repair.hpp"

#include <algorithm>
#include <cstdint>

namespace feedcast {

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

bool repaired_text::damaged(std::size_t from, std::size_t to) const {
  const auto first = std::lower_bound(damage.begin(), damage.end(), from);
  return first != damage.end() && *first < to;
}

bool repaired_text::replaced_in(std::string_view part) const {
  if (damage.empty())
    return false;
  const auto at = static_cast<std::size_t>(part.data() - text.data());
  return damaged(at, at + part.size());
}

std::string_view repaired_text::as_it_came(std::string_view part, std::string_view page) const {
  if (damage.empty())
    return part;
  return page.substr(static_cast<std::size_t>(part.data() - text.data()), part.size());
}

repaired_text repair_text(std::string_view page, bool secret) {
  repaired_text out;
  if (secret)
    out.text.wipe_when_freed();
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
    if (page[i] == '\\') { // within a string or not: so does the parser
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
  out.open_string = in_string;
  return out;
}

bool cut_short(std::string_view page) noexcept {
  constexpr std::size_t tail = 64;
  const auto last = page.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos || page[last] != '}')
    return true;
  return page.substr(last - std::min(last, tail)).find("\"_count\"") == std::string_view::npos;
}

} // namespace feedcast
