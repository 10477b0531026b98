#include "app/migrate/yaml_text.hpp"

#include "core/log_text.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace feedcast::app {

std::string yaml_value(std::string_view text) {
  // Unquoted these would be nothing or a truth value.
  constexpr std::array<std::string_view, 7> words{"null", "true", "false", "yes",
                                                  "no",   "on",   "off"};
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const bool plain =
      !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0
      && std::all_of(
          text.begin(), text.end(),
          [](unsigned char c) { return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.'; })
      && std::find(words.begin(), words.end(), lower) == words.end();
  if (plain)
    return std::string{text};
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '$')
      out += "$$"; // feedcast would take it for a variable
    else if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20 || byte == 0x7f)
      ((out += "\\x") += hex[byte >> 4U]) += hex[byte & 15U];
    else
      out += c;
  }
  return out += '"';
}

std::string yaml_list(const std::vector<std::string>& items) {
  std::string out;
  for (const auto& item : items)
    (out += out.empty() ? "" : ", ") += yaml_value(item);
  return "[" + out + "]";
}

void yaml_text::line(int depth, std::string_view key, std::string_view value,
                     std::string_view comment) {
  out_.append(static_cast<std::size_t>(2 * depth), ' ').append(key) += ':';
  if (!value.empty())
    (out_ += ' ') += value;
  if (!comment.empty())
    log::append_inert(out_ += "  # ", comment);
  out_ += '\n';
}

void yaml_text::comment(int depth, std::string_view text) {
  log::append_inert(out_.append(static_cast<std::size_t>(2 * depth), ' ') += "# ", text);
  out_ += '\n';
}

} // namespace feedcast::app
