#include "pipeline/decode.hpp"

#include "pipeline/decode_envelope.hpp"
#include "pipeline/decode_subject.hpp"
#include "pipeline/json_tokens.hpp"
#include "pipeline/repair.hpp"
#include "pipeline/salvage.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace feedcast {

namespace {

namespace ondemand = simdjson::ondemand;

error malformed(std::string detail) {
  return make_error(errc::malformed, "feed page: " + std::move(detail));
}

} // namespace

struct page_decoder::impl {
  options want;
  ondemand::parser parser;
  decoded_page out;
  std::vector<const char*> starts; // where each document of `out` begins, to find the damaged ones
  std::vector<std::string> salvaged; // owns the ids that salvage() found
  repaired_text repaired;
  std::string_view body;  // of the page at hand
  bool envelopes = false; // its form
  subject_reader subjects{want.uuids, out, repaired};

  explicit impl(options o) : want(o) {}

  struct document_state {
    change c;
    bool has_id = false;
    bool bad_id = false;
    std::string_view long_id; // too long to be one
    std::string_view id;      // raw token, to hold it against the damage
    subject_state subject;
  };

  simdjson::error_code decode_id(ondemand::value value, document_state& d) {
    const auto token = value.raw_json_token();
    std::string_view id;
    const auto e = value.get_string().get(id);
    if (e && fatal(e))
      return e;
    if (e || id.empty()) {
      d.bad_id = true;
      return simdjson::SUCCESS;
    }
    if (id.size() > max_id_bytes) {
      d.long_id = id;
      return simdjson::SUCCESS;
    }
    // Named twice: parsers disagree about which one counts, so both caches entries are invalidated.
    if (d.has_id && d.c.id != id) {
      out.changes.push_back(d.c);
      out.changes.back().elements_doubtful = true;
    }
    d.c.id = id;
    d.has_id = true;
    d.id = token;
    return simdjson::SUCCESS;
  }

  static simdjson::error_code decode_ttl(ondemand::value value, document_state& d) {
    std::int64_t seconds = 0;
    const auto e = value.get_int64().get(seconds);
    if (e == simdjson::SUCCESS && seconds > 0)
      d.c.ttl = static_cast<std::int32_t>(
          std::min<std::int64_t>(seconds, std::numeric_limits<std::int32_t>::max()));
    return e;
  }

  /// Reads the field if it matters; its value is not even looked at otherwise. Inlined into the
  /// loop over the fields, where it is most of the work that a page costs.
  [[gnu::always_inline]] inline simdjson::error_code decode_field(ondemand::field& f,
                                                                  document_state& d) {
    const char* key = f.key().raw();
    simdjson::error_code e = simdjson::SUCCESS;
    switch (key[0]) {
    case 'i':
      return is(key, "id") ? decode_id(f.value(), d) : simdjson::SUCCESS;
    case 'e':
      if (is(key, "entityType")) {
        std::string_view kind;
        e = f.value().get_string().get(kind);
        d.c.kind = parse_entity_kind(kind);
      }
      break;
    case 't':
      if (is(key, "ttl"))
        e = decode_ttl(f.value(), d);
      break;
    case 'n':
      if (want.subjects && is(key, "namespaces"))
        e = subjects.read_list(f.value(), d.subject);
      break;
    case 'u':
      if (want.subjects && is(key, "uuid"))
        e = subjects.read_own_uuid(f.value(), d.subject);
      break;
    case '_':
      switch (key[1]) {
      case 'c':
        if (is(key, "_clusterId"))
          e = f.value().get_string().get(d.c.cluster_id);
        break;
      case 'l':
        if (is(key, "_lsn"))
          e = f.value().get_uint64().get(d.c.lsn);
        break;
      case 't':
        if (is(key, "_ts"))
          e = f.value().get_int64().get(d.c.ts);
        break;
      case 'd':
        if (is(key, "_deleted"))
          e = f.value().get_bool().get(d.c.deleted);
        break;
      default:
        break;
      }
      break;
    default:
      break;
    }
    if (e == simdjson::SUCCESS)
      return e;
    // A field of ours of another type: its value is taken for missing, and the change is delivered.
    d.c.repaired |= key[0] == '_';
    return fatal(e) ? e : simdjson::SUCCESS;
  }

  /// Second look at a document without an id: its member names may be written with escapes.
  simdjson::error_code find_escaped_id(ondemand::object& fields, document_state& d) {
    if (const auto e = fields.reset().error())
      return e;
    for (auto f : fields) {
      std::string_view key;
      if (const auto e = f.unescaped_key().get(key))
        return e;
      if (key == "id")
        if (const auto e = decode_id(f.value(), d))
          return e;
    }
    return simdjson::SUCCESS;
  }

  std::string_view original(std::string_view parsed) const {
    while (!parsed.empty() && is_space(parsed.back()))
      parsed.remove_suffix(1);
    return repaired.as_it_came(parsed, body);
  }

  simdjson::error_code add_other(ondemand::value value, std::uint32_t index) {
    unusable_document u{.index = index};
    ondemand::array elements;
    std::string_view text;
    if (value.get_array().get(elements) == simdjson::SUCCESS) {
      if (const auto e = elements.raw_json().get(text))
        return e;
    } else {
      text = value.raw_json_token();
      // The parser would take whatever follows for a part of it.
      if (const auto next = text.data()[text.size()]; next != ',' && next != ']')
        return simdjson::TAPE_ERROR;
    }
    u.text = original(text);
    out.unusable.push_back(u);
    return simdjson::SUCCESS;
  }

  simdjson::error_code add_unusable(ondemand::object& fields, std::uint32_t index,
                                    const document_state& d, unusable_document::reason why) {
    std::string_view text;
    if (const auto e = fields.reset().error())
      return e;
    if (const auto e = fields.raw_json().get(text))
      return e;
    out.unusable.push_back({.why = why,
                            .index = index,
                            .lsn = d.c.lsn,
                            .ts = d.c.ts,
                            .id = d.subject.lost ? d.c.id : d.long_id,
                            .text = original(text)});
    return simdjson::SUCCESS;
  }

  simdjson::error_code decode_document(ondemand::value value, std::uint32_t index) {
    document_state d;
    d.c.elements_first = static_cast<std::uint32_t>(out.elements.size());
    ondemand::object fields;
    if (const auto e = value.get_object().get(fields))
      return fatal(e) ? e : add_other(value, index);
    for (auto next : fields) {
      ondemand::field f;
      if (const auto e = std::move(next).get(f))
        return e;
      if (const auto e = decode_field(f, d))
        return e;
    }
    if (!d.has_id && !d.bad_id && d.long_id.empty())
      if (const auto e = find_escaped_id(fields, d))
        return e;
    return add_change(fields, index, d);
  }

  /// `fields` are those of the whole document, of which `d` is all that matters.
  simdjson::error_code add_change(ondemand::object& fields, std::uint32_t index,
                                  document_state& d) {
    using reason = unusable_document::reason;
    if (!d.has_id)
      return add_unusable(fields, index, d,
                          !d.long_id.empty() ? reason::too_long
                          : d.bad_id         ? reason::bad_id
                                             : reason::no_id);
    if (repaired.replaced_in(d.id))
      return add_unusable(fields, index, d, reason::damaged);
    if (want.subjects)
      subjects.close(d.c, d.subject);
    if (d.subject.lost)
      if (const auto e = add_unusable(fields, index, d, reason::damaged))
        return e;
    out.changes.push_back(d.c);
    return simdjson::SUCCESS;
  }

  /// Marks the changes of documents that hold a replaced byte. `ends[i]` closes document i.
  void mark_repaired(const std::vector<std::uint32_t>& first_change) {
    const auto* base = repaired.text.data();
    for (std::size_t i = 0; i < starts.size(); ++i) {
      const auto from = static_cast<std::size_t>(starts[i] - base);
      const auto to = i + 1 < starts.size() ? static_cast<std::size_t>(starts[i + 1] - base)
                                            : repaired.text.size();
      const auto last = i + 1 < first_change.size() ? first_change[i + 1] : out.changes.size();
      if (repaired.damaged(from, to))
        for (std::size_t c = first_change[i]; c < last; ++c)
          out.changes[c].repaired = true;
    }
  }

  simdjson::error_code scan(std::string_view text, std::uint64_t& documents,
                            std::int64_t& announced) {
    out.changes.clear();
    out.elements.clear();
    out.unusable.clear();
    starts.clear();
    documents = 0;
    announced = -1;
    std::vector<std::uint32_t> first_change; // filled on the repair path only
    const bool repairing = !repaired.damage.empty();
    ondemand::document doc;
    if (const auto e =
            parser.iterate(text.data(), text.size(), text.size() + padded_buffer::padding).get(doc))
      return e;
    ondemand::object root;
    if (const auto e = doc.get_object().get(root))
      return e;
    bool seen = false;
    for (auto f : root) {
      ondemand::raw_json_string key;
      if (const auto e = f.key().get(key))
        return e;
      if (is(key.raw(), "Documents")) {
        ondemand::array items;
        if (const auto e = f.value().get_array().get(items))
          return e;
        seen = true;
        for (auto item : items) {
          ondemand::value value;
          if (const auto e = item.get(value))
            return e;
          if (repairing) {
            starts.push_back(value.raw_json_token().data());
            first_change.push_back(static_cast<std::uint32_t>(out.changes.size()));
          }
          const auto index = static_cast<std::uint32_t>(documents);
          if (const auto e = envelopes ? decoding::decode_envelope(*this, value, index)
                                       : decode_document(value, index))
            return e;
          ++documents;
        }
      } else if (is(key.raw(), "_count")) {
        if (const auto e = f.value().get_int64().get(announced); e && fatal(e))
          return e;
      }
    }
    // Past the root there must be nothing; the parser itself would not mind.
    const char* rest = nullptr;
    if (!doc.current_location().get(rest))
      return simdjson::TRAILING_CONTENT;
    if (!seen)
      return simdjson::NO_SUCH_FIELD;
    if (repairing)
      mark_repaired(first_change);
    return simdjson::SUCCESS;
  }

  result<const decoded_page*> decode(const feed_page& page) {
    std::uint64_t documents = 0;
    std::int64_t announced = -1;
    body = page.body.view();
    envelopes = page.envelopes;
    if (!repaired.damage.empty())
      repaired = {};
    auto e = scan(body, documents, announced);
    if (e == simdjson::UTF8_ERROR || e == simdjson::UNESCAPED_CHARS
        || e == simdjson::UNCLOSED_STRING) {
      repaired = repair_text(body, want.subjects);
      if (!repaired.damage.empty())
        e = scan(repaired.text.view(), documents, announced);
    }
    if (e)
      return malformed(simdjson::error_message(e));
    if (announced >= 0 && static_cast<std::uint64_t>(announced) != documents)
      return malformed("_count says " + std::to_string(announced) + " documents, "
                       + std::to_string(documents) + " are there");
    if (page.item_count && *page.item_count != documents)
      return malformed("x-ms-item-count says " + std::to_string(*page.item_count) + " documents, "
                       + std::to_string(documents) + " are there");
    out.damaged = !repaired.damage.empty();
    return &out;
  }

  std::uint32_t walk(const feed_page& page) {
    std::uint64_t documents = 0;
    std::int64_t announced = -1;
    envelopes = page.envelopes;
    repaired = repair_text(page.body.view(), want.subjects);
    if (repaired.open_string)
      repaired.text.append("\"}"); // else the parser would not even begin
    static_cast<void>(scan(repaired.text.view(), documents, announced));
    return static_cast<std::uint32_t>(documents);
  }
};

page_decoder::page_decoder(options o) : impl_(std::make_unique<impl>(o)) {}

page_decoder::~page_decoder() = default;
page_decoder::page_decoder(page_decoder&&) noexcept = default;
page_decoder& page_decoder::operator=(page_decoder&&) noexcept = default;

result<const decoded_page*> page_decoder::decode(const feed_page& page) {
  return impl_->decode(page);
}

std::uint32_t page_decoder::walk(const feed_page& page) {
  return impl_->walk(page);
}

const decoded_page& page_decoder::salvage(const feed_page& page) {
  salvage_page(page.body.view(), impl_->want.subjects, impl_->salvaged, impl_->out);
  return impl_->out;
}

} // namespace feedcast
