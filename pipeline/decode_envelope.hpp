#pragma once

#include "pipeline/change.hpp"
#include "pipeline/json_tokens.hpp"

#include <simdjson.h>

#include <cstdint>

/// Parts of page_decoder. How a page of all versions and deletes is read: each document comes in an
/// envelope, {"current":{...},"previous":{...},"metadata":{...}}.
namespace feedcast::decoding {

namespace ondemand = simdjson::ondemand;

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
  auto& subject = d.subject;
  const auto& b = e.before.subject;
  subject.lost |= b.lost;
  subject.doubtful |= b.doubtful;
  if (!subject.legacy) {
    subject.legacy = b.legacy;
    subject.uuid = b.uuid;
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
  const auto first = static_cast<std::uint32_t>(reader.out.elements.size());
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
  auto d = change_of(all);
  // What a subject no longer names is to be forgotten, too: its change holds the elements of both
  // versions.
  d.c.elements_first = first;
  if (const auto& b = all.before.subject; b.legacy && b.uuid != d.subject.uuid)
    reader.out.elements.push_back({d.c.id, b.uuid});
  return reader.add_change(fields, index, d);
}

} // namespace feedcast::decoding
