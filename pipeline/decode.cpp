#include "pipeline/decode.hpp"

#include "pipeline/repair.hpp"

#include <simdjson.h>

#include <string>

namespace feedcast {

namespace {

namespace ondemand = simdjson::ondemand;

static_assert(padded_buffer::padding >= simdjson::SIMDJSON_PADDING);

/// After these the parser's state is undefined: it must not be touched again for this page.
bool fatal(simdjson::error_code e) {
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

error malformed(std::string detail) {
  return make_error(errc::malformed, "feed page: " + std::move(detail));
}

} // namespace

struct page_decoder::impl {
  options want;
  ondemand::parser parser;
  decoded_page out;
  std::vector<const char*> starts; // where each document of `out` begins, to find the damaged ones
  std::vector<std::string> salvaged; // owns what salvage() found
  repaired_text repaired;

  struct document_state {
    change c;
    bool has_id = false;
    bool bad_id = false;
    std::string_view id; // raw token, to hold it against the damage
  };

  /// True if a byte of this raw token was replaced, so that its value may not be what was stored.
  bool replaced_in(std::string_view token) const {
    if (repaired.damage.empty())
      return false;
    const auto at = static_cast<std::size_t>(token.data() - repaired.text.data());
    return repaired.damaged(at, at + token.size());
  }

  simdjson::error_code decode_names(ondemand::value value, change& c) {
    ondemand::array elements;
    if (const auto e = value.get_array().get(elements))
      return e;
    c.names_first = static_cast<std::uint32_t>(out.names.size());
    for (auto element : elements) {
      ondemand::object fields;
      if (const auto e = element.get_object().get(fields)) {
        if (fatal(e))
          return e;
        continue;
      }
      for (auto f : fields) {
        ondemand::raw_json_string key;
        if (const auto e = f.key().get(key))
          return e;
        std::string_view name;
        if (is(key.raw(), "name")) {
          ondemand::value text = f.value();
          const auto token = text.raw_json_token();
          if (const auto e = text.get_string().get(name); e && fatal(e))
            return e;
          if (!name.empty() && !replaced_in(token))
            out.names.push_back(name);
        }
      }
    }
    c.names_count = static_cast<std::uint32_t>(out.names.size()) - c.names_first;
    return simdjson::SUCCESS;
  }

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
    // Named twice: parsers disagree about which one counts, so both caches entries are invalidated.
    if (d.has_id && d.c.id != id)
      out.changes.push_back(d.c);
    d.c.id = id;
    d.has_id = true;
    d.id = token;
    return simdjson::SUCCESS;
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
    case 'n':
      if (want.names && is(key, "namespaces"))
        e = decode_names(f.value(), d.c);
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
    return e == simdjson::SUCCESS || !fatal(e) ? simdjson::SUCCESS : e;
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

  simdjson::error_code decode_document(ondemand::value value, std::uint32_t index) {
    document_state d;
    ondemand::object fields;
    const auto add_unusable = [&](unusable_document::reason why) {
      out.unusable.push_back({why, index, d.c.lsn});
      return simdjson::SUCCESS;
    };
    if (const auto e = value.get_object().get(fields))
      return fatal(e) ? e : add_unusable(unusable_document::reason::no_id);
    for (auto next : fields) {
      ondemand::field f;
      if (const auto e = std::move(next).get(f))
        return e;
      if (const auto e = decode_field(f, d))
        return e;
    }
    if (!d.has_id && !d.bad_id)
      if (const auto e = find_escaped_id(fields, d))
        return e;
    if (!d.has_id)
      return add_unusable(d.bad_id ? unusable_document::reason::bad_id
                                   : unusable_document::reason::no_id);
    if (replaced_in(d.id))
      return add_unusable(unusable_document::reason::damaged);
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
    out.names.clear();
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
          if (const auto e = decode_document(value, static_cast<std::uint32_t>(documents)))
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
    if (!repaired.damage.empty())
      repaired = {};
    auto e = scan(page.body.view(), documents, announced);
    if (e == simdjson::UTF8_ERROR || e == simdjson::UNESCAPED_CHARS
        || e == simdjson::UNCLOSED_STRING) {
      repaired = repair_text(page.body.view());
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
};

page_decoder::page_decoder(options o) : impl_(std::make_unique<impl>()) {
  impl_->want = o;
}

page_decoder::~page_decoder() = default;
page_decoder::page_decoder(page_decoder&&) noexcept = default;
page_decoder& page_decoder::operator=(page_decoder&&) noexcept = default;

result<const decoded_page*> page_decoder::decode(const feed_page& page) {
  return impl_->decode(page);
}

const decoded_page& page_decoder::salvage(const feed_page& page) {
  auto& out = impl_->out;
  out = {};
  impl_->salvaged = salvage_ids(page.body.view());
  for (const auto& id : impl_->salvaged) {
    change c;
    c.id = id;
    c.repaired = true;
    // A broken subject's namespaces can't be told apart any more; its own name is the best guess
    // for one.
    if (impl_->want.names) {
      c.names_first = static_cast<std::uint32_t>(out.names.size());
      c.names_count = 1;
      out.names.emplace_back(id);
    }
    out.changes.push_back(c);
  }
  if (out.changes.empty())
    out.unusable.push_back({unusable_document::reason::damaged, 0, 0});
  return out;
}

} // namespace feedcast
