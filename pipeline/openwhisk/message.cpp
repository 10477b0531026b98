#include "pipeline/openwhisk/message.hpp"

#include <algorithm>

namespace feedcast::openwhisk {

namespace {

void append_escaped(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
  case '"':
    out += "\\\"";
    return;
  case '\\':
    out += "\\\\";
    return;
  case '\b':
    out += "\\b";
    return;
  case '\f':
    out += "\\f";
    return;
  case '\n':
    out += "\\n";
    return;
  case '\r':
    out += "\\r";
    return;
  case '\t':
    out += "\\t";
    return;
  default:
    break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20) {
    out += c;
    return;
  }
  out += "\\u00";
  out += hex[byte >> 4U];
  out += hex[byte & 0x0FU];
}

} // namespace

appended_message append_invalidation(std::string& out, std::string_view stored_id) {
  appended_message m;
  m.offset = out.size();
  out.append(message_head);
  m.key_offset = out.size();
  m.key_size = stored_id.size();
  out.append(stored_id);
  // One pass without branches, which the compiler vectorizes: translate in place, and notice what
  // needs escaping.
  bool plain = true;
  for (auto at = m.key_offset; at < out.size(); ++at) {
    auto& c = out[at];
    c = c == '|' ? '/' : c;
    plain &= static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
  }
  if (!plain) {
    const auto key = out.substr(m.key_offset);
    out.resize(m.key_offset);
    for (const auto c : key)
      append_escaped(out, c);
    out.append(message_tail);
    m.size = out.size() - m.offset;
    m.key_offset = out.size();
    out.append(key);
    return m;
  }
  out.append(message_tail);
  m.size = out.size() - m.offset;
  return m;
}

std::string_view limits_namespace(std::string_view stored_id) noexcept {
  for (const std::string_view suffix : {"|limits", "/limits"})
    if (stored_id.size() > suffix.size() && stored_id.ends_with(suffix))
      return stored_id.substr(0, stored_id.size() - suffix.size());
  return {};
}

} // namespace feedcast::openwhisk
