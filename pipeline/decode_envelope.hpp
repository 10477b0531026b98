#pragma once

#include "core/padded_buffer.hpp"
#include "pipeline/change.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>

/// Parts of page_decoder. How a page of all versions and deletes is read: each document comes in an
/// envelope, {"current":{...},"previous":{...},"metadata":{...}}.
namespace feedcast::decoding {

namespace ondemand = simdjson::ondemand;

static_assert(padded_buffer::padding >= simdjson::SIMDJSON_PADDING);

/// After these the parser's state is undefined: it must not be touched again for this page.
inline bool fatal(simdjson::error_code e) {
  switch (e) {
  case simdjson::SUCCESS:
  case simdjson::INCORRECT_TYPE:
  case simdjson::STRING_ERROR:
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
  case simdjson::T_ATOM_ERROR:
  case simdjson::F_ATOM_ERROR:
  case simdjson::N_ATOM_ERROR:
    return false;
  default:
    return true;
  }
}

/// Raw (still escaped) member name against a literal. Names end with a quote, so the compare can't
/// run over.
template <std::size_t N>
bool is(const char* raw, const char (&name)[N]) {
  return std::memcmp(raw, name, N - 1) == 0 && raw[N - 1] == '"';
}

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What one envelope says. `State` is page_decoder's state of one document.
template <class State>
struct envelope {
  State now;      ///< the document as it was written; of a removal nothing
  State before;   ///< the version before, where the collection keeps it
  State metadata; ///< id, time and LSN
  State key;      ///< the id by the partition key, where that is /id
  bool removal = false;
};

template <class Reader, class State>
simdjson::error_code decode_version(Reader& reader, ondemand::value value, State& d) {
  ondemand::object fields;
  // Null, or what no document is: as if it were not there.
  if (const auto e = value.get_object().get(fields))
    return fatal(e) ? e : simdjson::SUCCESS;
  bool empty = true;
  for (auto next : fields) {
    ondemand::field f;
    if (const auto e = std::move(next).get(f))
      return e;
    if (const auto e = reader.decode_field(f, d))
      return e;
    empty = false;
  }
  if (!empty && !d.has_id && !d.bad_id && d.long_id.empty())
    return reader.find_escaped_id(fields, d);
  return simdjson::SUCCESS;
}

template <class Reader, class State>
simdjson::error_code decode_key(Reader& reader, ondemand::value value, State& d) {
  ondemand::object levels;
  if (const auto e = value.get_object().get(levels))
    return fatal(e) ? e : simdjson::SUCCESS;
  for (auto next : levels) {
    ondemand::field f;
    if (const auto e = std::move(next).get(f))
      return e;
    if (is(f.key().raw(), "id"))
      if (const auto e = reader.decode_id(f.value(), d))
        return e;
  }
  return simdjson::SUCCESS;
}

template <class Reader, class State>
simdjson::error_code decode_metadata(Reader& reader, ondemand::value value, envelope<State>& out) {
  ondemand::object fields;
  if (const auto e = value.get_object().get(fields))
    return fatal(e) ? e : simdjson::SUCCESS;
  for (auto next : fields) {
    ondemand::field f;
    if (const auto e = std::move(next).get(f))
      return e;
    const char* key = f.key().raw();
    auto e = simdjson::SUCCESS;
    if (is(key, "operationType")) {
      std::string_view what;
      e = f.value().get_string().get(what);
      out.removal = what == "delete";
    } else if (is(key, "lsn")) {
      e = f.value().get_uint64().get(out.metadata.c.lsn);
    } else if (is(key, "crts")) {
      e = f.value().get_int64().get(out.metadata.c.ts);
    } else if (is(key, "id")) {
      e = reader.decode_id(f.value(), out.metadata);
    } else if (is(key, "partitionKey")) {
      e = decode_key(reader, f.value(), out.key);
    }
    if (e && fatal(e))
      return e;
  }
  return simdjson::SUCCESS;
}

/// The one change that an envelope tells.
template <class State>
State change_of(envelope<State>& e) {
  const bool gone = e.removal || (!e.now.has_id && e.metadata.has_id);
  State d = e.now;
  for (const State* other : {&e.metadata, &e.before, &e.key}) {
    if (d.has_id)
      break;
    d.has_id = other->has_id;
    d.id = other->id;
    d.c.id = other->c.id;
    d.bad_id |= other->bad_id;
    if (d.long_id.empty())
      d.long_id = other->long_id;
  }
  if (e.metadata.c.lsn != 0)
    d.c.lsn = e.metadata.c.lsn;
  if (e.metadata.c.ts != 0)
    d.c.ts = e.metadata.c.ts;
  d.lost_name |= e.before.lost_name;
  // Names that a subject no longer has are to be forgotten, too. Nobody else adds to the list
  // between the two versions, so that both together are one run.
  if (const auto& b = e.before.c; b.names_count != 0) {
    const bool both = d.c.names_count != 0;
    const auto first = both ? std::min(d.c.names_first, b.names_first) : b.names_first;
    const auto end =
        std::max(both ? d.c.names_first + d.c.names_count : 0, b.names_first + b.names_count);
    d.c.names_first = first;
    d.c.names_count = end - first;
  }
  if (gone) {
    // Whoever removed it left no stamp: it counts as foreign.
    d.c.cluster_id = {};
    d.c.kind = e.before.c.kind;
    d.c.deleted = d.c.removed = true;
    d.c.ttl = 0;
  }
  return d;
}

/// Reads one document of a page of all versions. Members beside the envelope's own are taken for
/// those of a plain document, so that one of these is not lost either.
template <class Reader>
[[gnu::noinline]] simdjson::error_code decode_envelope(Reader& reader, ondemand::value value,
                                                       std::uint32_t index) {
  envelope<typename Reader::document_state> all;
  ondemand::object fields;
  if (const auto e = value.get_object().get(fields))
    return fatal(e) ? e : reader.add_other(value, index);
  for (auto next : fields) {
    ondemand::field f;
    if (const auto e = std::move(next).get(f))
      return e;
    const char* key = f.key().raw();
    auto e = simdjson::SUCCESS;
    if (is(key, "current"))
      e = decode_version(reader, f.value(), all.now);
    else if (is(key, "previous"))
      e = decode_version(reader, f.value(), all.before);
    else if (is(key, "metadata"))
      e = decode_metadata(reader, f.value(), all);
    else
      e = reader.decode_field(f, all.now);
    if (e)
      return e;
  }
  return reader.add_change(fields, index, change_of(all));
}

} // namespace feedcast::decoding
