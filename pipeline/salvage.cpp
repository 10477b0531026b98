#include "pipeline/salvage.hpp"

#include "pipeline/repair.hpp"

#include <cctype>
#include <charconv>
#include <cstdint>
#include <optional>
#include <utility>

namespace feedcast {

namespace {

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

struct json_text {
  std::string value;
  std::size_t size = 0; ///< with the closing quote
};

/// Unescapes the JSON string whose text starts at `text[0]` (behind the opening quote). nullopt if
/// it is not closed or holds a bad escape.
std::optional<json_text> unescape(std::string_view text) {
  constexpr std::string_view from = "\"\\/bfnrt";
  constexpr std::string_view to = "\"\\/\b\f\n\r\t";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      return json_text{std::move(out), i + 1};
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

bool is_sound(std::string_view text) {
  while (!text.empty()) {
    const auto length = utf8_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

struct found_ids {
  std::vector<std::string> ids; ///< in order of appearance
  bool doubtful = false;        ///< one can't be read, or may not be what it was
};

/// Every string value that follows a member named "id", unescaped. Works on broken JSON.
found_ids find_ids(std::string_view page) {
  constexpr std::string_view member = "\"id\"";
  const auto skip_space = [&](std::size_t at) {
    while (at < page.size() && std::isspace(static_cast<unsigned char>(page[at])) != 0)
      ++at;
    return at;
  };
  const auto is_at = [&](std::size_t at, std::string_view any) {
    return at < page.size() && any.find(page[at]) != std::string_view::npos;
  };
  found_ids found;
  for (auto at = page.find(member); at != std::string_view::npos; at = page.find(member, at + 1)) {
    auto value = skip_space(at + member.size());
    if (!is_at(value, ":"))
      continue;
    value = skip_space(value + 1);
    if (!is_at(value, "\""))
      continue;
    auto id = unescape(page.substr(++value));
    if (!id || id->value.empty() || !is_sound(id->value)) {
      found.doubtful = true;
      continue;
    }
    // A string that was cut short runs on into what follows.
    found.doubtful |= !is_at(skip_space(value + id->size), ",}]");
    found.ids.push_back(std::move(id->value));
  }
  return found;
}

/// What stands between the brackets of `Documents`, as far as that can be told from a broken page.
std::string_view documents_of(std::string_view page) {
  constexpr std::string_view head = "\"Documents\":[";
  const auto at = page.find(head);
  const auto end = page.rfind(']');
  if (at == std::string_view::npos || end == std::string_view::npos || end < at + head.size())
    return {};
  return page.substr(at + head.size(), end - at - head.size());
}

/// The number behind the last member of this name: the database puts its own fields last. In an
/// envelope, where there may be no document, its metadata has it under another one.
template <class Number>
Number last_number(std::string_view page, std::string_view member,
                   std::string_view of_an_envelope) {
  auto at = page.rfind(member);
  if (at == std::string_view::npos)
    at = page.rfind(member = of_an_envelope);
  Number number = 0;
  if (at != std::string_view::npos)
    std::from_chars(page.data() + at + member.size(), page.data() + page.size(), number);
  return number;
}

} // namespace

void salvage_page(std::string_view page, bool subjects, std::vector<std::string>& ids,
                  decoded_page& out) {
  using reason = unusable_document::reason;
  out = {};
  auto found = find_ids(page);
  ids = std::move(found.ids);
  const auto text = documents_of(page);
  const auto lsn = last_number<std::uint64_t>(page, "\"_lsn\":", "\"lsn\":");
  const auto ts = last_number<std::int64_t>(page, "\"_ts\":", "\"crts\":");
  for (const auto& id : ids) {
    if (id.size() > max_id_bytes) {
      out.unusable.push_back(
          {.why = reason::too_long, .lsn = lsn, .ts = ts, .id = id, .text = text});
      continue;
    }
    change c;
    c.id = id;
    c.repaired = true;
    c.lsn = lsn;
    c.ts = ts;
    // A broken subject's namespaces can't be told apart any more; its own name is the best guess
    // for one, and the document is set aside for the others.
    if (subjects) {
      c.elements_first = static_cast<std::uint32_t>(out.elements.size());
      c.elements_count = 1;
      c.elements_doubtful = true;
      out.elements.push_back({id, {}});
    }
    out.changes.push_back(c);
  }
  if (subjects || found.doubtful || ids.empty())
    out.unusable.push_back({.why = reason::damaged, .lsn = lsn, .ts = ts, .text = text});
}

} // namespace feedcast
