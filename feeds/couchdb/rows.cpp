#include "feeds/couchdb/rows.hpp"

#include <simdjson.h>

#include <cstring>

namespace feedcast::couchdb {

namespace {

namespace ondemand = simdjson::ondemand;

static_assert(padded_buffer::padding >= simdjson::SIMDJSON_PADDING);

/// Raw (still escaped) member name against a literal. Names end with a quote, so the compare can't
/// run over.
template <std::size_t N>
bool is(const char* raw, const char (&name)[N]) {
  return std::memcmp(raw, name, N - 1) == 0 && raw[N - 1] == '"';
}

/// Without the blanks that follow the token.
std::string_view trimmed(std::string_view token) {
  const auto last = token.find_last_not_of(" \t\r\n");
  return token.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

/// Text of an error that a server sent, for people; it may be anything.
constexpr std::size_t longest_reason = 200;

} // namespace

struct row_reader::impl {
  explicit impl(row_options o) : options(std::move(o)), stamp(options.stamp + '"') {
    if (options.subjects)
      members.wipe_when_freed();
  }

  bool scan(std::string_view row);
  simdjson::error_code read_member(ondemand::field& f);
  simdjson::error_code read_document(ondemand::value value);
  simdjson::error_code read_document_member(ondemand::field& f);
  simdjson::error_code copy_text(std::string_view name, ondemand::value value);
  simdjson::error_code copy_any(std::string_view name, ondemand::value value);
  void add_member(std::string_view name, std::string_view json);
  void write(padded_buffer& page) const;

  row_options options;
  std::string stamp; ///< with the quote that ends it in the text
  ondemand::parser parser;

  // Of the row at hand.
  std::string_view id; ///< as JSON
  std::string_view seq, last_seq;
  std::string_view failure, reason; ///< as JSON
  std::optional<std::uint64_t> pending;
  bool deleted = false;
  padded_buffer members; ///< of the document, ready to be written
};

bool row_reader::impl::scan(std::string_view row) {
  id = seq = last_seq = failure = reason = {};
  pending.reset();
  deleted = false;
  members.clear();
  ondemand::document doc;
  if (parser.iterate(row.data(), row.size(), row.size() + padded_buffer::padding).get(doc))
    return false;
  ondemand::object all;
  if (doc.get_object().get(all))
    return false;
  for (auto next : all) {
    ondemand::field f;
    if (std::move(next).get(f) || read_member(f))
      return false;
  }
  return true;
}

simdjson::error_code row_reader::impl::read_member(ondemand::field& f) {
  const char* key = f.key().raw();
  switch (key[0]) {
  case 'i':
    if (is(key, "id"))
      id = trimmed(f.value().raw_json_token());
    break;
  case 's':
    if (is(key, "seq"))
      seq = trimmed(f.value().raw_json_token());
    break;
  case 'l':
    if (is(key, "last_seq"))
      last_seq = trimmed(f.value().raw_json_token());
    break;
  case 'p':
    if (is(key, "pending")) {
      std::uint64_t n = 0;
      if (f.value().get_uint64().get(n) == simdjson::SUCCESS) // else null, or what no number is
        pending = n;
    }
    break;
  case 'd':
    if (is(key, "deleted"))
      deleted |= trimmed(f.value().raw_json_token()) == "true";
    else if (is(key, "doc"))
      return read_document(f.value());
    break;
  case 'e':
    if (is(key, "error"))
      failure = trimmed(f.value().raw_json_token());
    break;
  case 'r':
    if (is(key, "reason"))
      reason = trimmed(f.value().raw_json_token());
    break;
  default:
    break;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code row_reader::impl::read_document(ondemand::value value) {
  if (!options.documents)
    return simdjson::SUCCESS;
  ondemand::json_type type{};
  if (const auto e = value.type().get(type))
    return e;
  if (type != ondemand::json_type::object)
    return simdjson::SUCCESS; // null: it was gone when the row was made
  ondemand::object all;
  if (const auto e = value.get_object().get(all))
    return e;
  for (auto next : all) {
    ondemand::field f;
    if (const auto e = std::move(next).get(f))
      return e;
    if (const auto e = read_document_member(f))
      return e;
  }
  return simdjson::SUCCESS;
}

simdjson::error_code row_reader::impl::read_document_member(ondemand::field& f) {
  const char* key = f.key().raw();
  if (is(key, "entityType"))
    return copy_text("entityType", f.value());
  if (is(key, "_deleted")) {
    deleted |= trimmed(f.value().raw_json_token()) == "true";
    return simdjson::SUCCESS;
  }
  if (options.subjects && is(key, "namespaces"))
    return copy_any("namespaces", f.value());
  if (options.subjects && is(key, "uuid"))
    return copy_any("uuid", f.value());
  // A name may be longer than what is left of the row: zeroes end the comparison behind it.
  if (stamp.size() > 1 && std::strncmp(key, stamp.c_str(), stamp.size()) == 0)
    return copy_text("_clusterId", f.value());
  return simdjson::SUCCESS;
}

void row_reader::impl::add_member(std::string_view name, std::string_view json) {
  members.append(",\"");
  members.append(name);
  members.append("\":");
  members.append(json);
}

simdjson::error_code row_reader::impl::copy_text(std::string_view name, ondemand::value value) {
  const auto token = trimmed(value.raw_json_token());
  // Of another type: as if it were not there.
  if (token.empty() || token.front() != '"')
    return simdjson::SUCCESS;
  add_member(name, token);
  return simdjson::SUCCESS;
}

simdjson::error_code row_reader::impl::copy_any(std::string_view name, ondemand::value value) {
  ondemand::json_type type{};
  if (const auto e = value.type().get(type))
    return e;
  std::string_view text;
  if (type == ondemand::json_type::array) {
    ondemand::array a;
    if (const auto e = value.get_array().get(a))
      return e;
    if (const auto e = a.raw_json().get(text))
      return e;
  } else if (type == ondemand::json_type::object) {
    ondemand::object o;
    if (const auto e = value.get_object().get(o))
      return e;
    if (const auto e = o.raw_json().get(text))
      return e;
  } else {
    text = value.raw_json_token();
  }
  add_member(name, trimmed(text));
  return simdjson::SUCCESS;
}

void row_reader::impl::write(padded_buffer& page) const {
  page.append("{\"id\":");
  page.append(id);
  if (deleted)
    page.append(",\"_deleted\":true");
  page.append(members.view());
  page.append("}");
}

row_reader::row_reader(row_options options) : impl_(std::make_unique<impl>(std::move(options))) {}

row_reader::~row_reader() = default;

row_facts row_reader::read(std::string_view row, padded_buffer& page) {
  auto& r = *impl_;
  row_facts facts;
  const bool whole = r.scan(row);
  if (whole && r.id.empty()) {
    if (!r.last_seq.empty()) {
      facts.what = row_facts::kind::end;
      facts.seq = r.last_seq == "null" ? std::string_view{} : r.last_seq;
      facts.pending = r.pending;
      return facts;
    }
    if (!r.failure.empty()) {
      facts.what = row_facts::kind::error;
      facts.why =
          make_error(errc::unavailable, "the feed ends with an error: "
                                            + std::string{r.failure.substr(0, longest_reason)} + ' '
                                            + std::string{r.reason.substr(0, longest_reason)});
      return facts;
    }
  }
  if (!page.empty() && page.view().back() != '[')
    page.append(",");
  if (whole && !r.id.empty())
    r.write(page);
  else
    page.append(row);
  facts.seq = r.seq == "null" ? std::string_view{} : r.seq;
  return facts;
}

} // namespace feedcast::couchdb
