#include "pipeline/dead_letter.hpp"

#include "core/log_text.hpp"
#include "pipeline/change.hpp"

#include <algorithm>
#include <variant>

namespace feedcast {

namespace {

void member(std::string& out, std::string_view name, std::string_view text) {
  ((out += ",\"") += name) += "\":\"";
  log::append_escaped(out, text);
  out += '"';
}

void member(std::string& out, std::string_view name, std::uint64_t number) {
  (((out += ",\"") += name) += "\":") += std::to_string(number);
}

std::string text_of(const start_point& start) {
  switch (start.from) {
  case start_point::kind::beginning:
    return "beginning";
  case start_point::kind::now:
    return "now";
  case start_point::kind::time:
    return format_iso8601(start.at);
  }
  return "unknown";
}

/// The key that the id means, and no more of it than fits.
void append_id(std::string& out, std::string_view id) {
  const bool cut = id.size() > max_id_bytes;
  if (cut) {
    auto end = max_id_bytes;
    while ((static_cast<unsigned char>(id[end]) & 0xc0U) == 0x80U)
      --end; // not within a character
    id = id.substr(0, end);
  }
  std::string key{id};
  std::replace(key.begin(), key.end(), '|', '/');
  member(out, "id", key);
  if (cut)
    out += ",\"id_cut\":true";
}

} // namespace

void append_dead_letter(std::string& out, const dead_letter_form& form, const page_origin& page,
                        const continuation& behind, wall_time now, const dead_letter& what) {
  (out += "{\"v\":") += std::to_string(dead_letter_version);
  member(out, "time", format_iso8601(now));
  member(out, "target", form.target);
  member(out, "feed", page.feed);
  member(out, "range", page.range);
  member(out, "reason", what.reason);
  member(out, "error", what.error);
  if (!what.id.empty())
    append_id(out, what.id);
  if (what.lsn != 0)
    member(out, "lsn", what.lsn);
  if (const auto* before = std::get_if<continuation>(&page.before))
    member(out, "before", before->token);
  else
    member(out, "start", text_of(std::get<start_point>(page.before)));
  member(out, "behind", behind.token);
  if (what.index)
    member(out, "index", *what.index);
  if (!what.document.empty()) {
    member(out, "bytes", what.document.size());
    if (form.fingerprint)
      member(out, "sha256", form.fingerprint(what.document));
  }
  out += '}';
}

} // namespace feedcast
