// An answer of CouchDB's changes feed, in either form, to the documents of a page. Whatever comes,
// and however it is cut: the same items; each row is a change, an end or an error; the page is one
// that the pipeline takes, or salvages. If a row is JSON: what a slow reader finds in it.
#include "feeds/couchdb/row_splitter.hpp"
#include "feeds/couchdb/rows.hpp"
#include "pipeline/stages.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <boost/json.hpp>

#include <optional>
#include <string>
#include <vector>

using namespace feedcast;
using couchdb::row_facts;
using couchdb::row_form;
using couchdb::row_splitter;
using fuzz::expect;

namespace {

constexpr std::size_t max_row = 4096;

struct splitting {
  std::vector<std::string> items;
  bool failed = false;
  bool complete = false;
};

/// All items, of bytes that come `piece` at a time.
splitting split(std::string_view text, row_form form, std::size_t piece) {
  row_splitter splitter{form, max_row, false};
  splitting out;
  for (std::size_t at = 0; at < text.size() && !out.failed; at += piece) {
    splitter.append(text.substr(at, piece));
    for (;;) {
      const auto item = splitter.next();
      if (!item) {
        out.failed = true;
        break;
      }
      if (item->what == row_splitter::found::nothing)
        break;
      expect(item->text.starts_with('{') && item->text.ends_with('}'), "an item is an object",
             item->text);
      for (std::size_t i = 0; i < padded_buffer::padding; ++i)
        static_cast<void>(
            *static_cast<const volatile char*>(item->text.data() + item->text.size() + i));
      out.items.emplace_back(item->text);
    }
  }
  out.complete = splitter.complete();
  return out;
}

/// What a row says, by a reader that takes it apart member by member.
struct slow_row {
  std::string id; ///< as JSON
  std::string seq;
  bool deleted = false;
};

/// nullopt: no JSON, or a name twice, or escaped: then the two may differ.
std::optional<slow_row> read_slowly(const std::string& row, bool documents) {
  if (row.find('\\') != row.npos)
    return std::nullopt;
  boost::system::error_code failure;
  boost::json::parse_options strict;
  strict.max_depth = 512;
  const auto v = boost::json::parse(row, failure, {}, strict);
  if (failure || !v.is_object())
    return std::nullopt;
  for (const auto* name : {"\"id\"", "\"seq\"", "\"deleted\"", "\"doc\"", "\"_deleted\""})
    if (row.find(name) != row.rfind(name))
      return std::nullopt;
  slow_row out;
  const auto& o = v.as_object();
  if (const auto* id = o.if_contains("id"); id && id->is_string())
    out.id = boost::json::serialize(*id);
  if (const auto* seq = o.if_contains("seq"); seq && seq->is_string())
    out.seq = boost::json::serialize(*seq);
  if (const auto* deleted = o.if_contains("deleted"))
    out.deleted = deleted->is_bool() && deleted->as_bool();
  if (const auto* doc = o.if_contains("doc"); documents && doc && doc->is_object())
    if (const auto* deleted = doc->as_object().if_contains("_deleted"))
      out.deleted |= deleted->is_bool() && deleted->as_bool();
  return out;
}

void check_row(couchdb::row_reader& reader, const std::string& row, bool documents) {
  padded_buffer page;
  const padded_buffer padded{row};
  const auto facts = reader.read(padded.view(), page);
  expect((facts.what == row_facts::kind::change) == !page.empty(),
         "a change is in the page, and nothing else is", row);
  const auto slow = read_slowly(row, documents);
  if (!slow || slow->id.empty() || facts.what != row_facts::kind::change)
    return;
  const auto text = std::string{page.view()};
  expect(text.starts_with("{\"id\":" + slow->id), "the same id", text);
  expect(slow->seq.empty() || facts.seq == slow->seq, "the same sequence", facts.seq);
  const auto rest = std::string_view{text}.substr(6 + slow->id.size());
  expect(rest.starts_with(",\"_deleted\":true") == slow->deleted, "the same deletion", text);
}

void check_page(const std::vector<std::string>& items, const couchdb::row_options& options) {
  couchdb::row_reader reader{options};
  feed_page page;
  page.body.append(R"({"Documents":[)");
  std::uint32_t count = 0;
  for (const auto& item : items) {
    const padded_buffer padded{item};
    count += reader.read(padded.view(), page.body).what == row_facts::kind::change ? 1 : 0;
  }
  page.body.append(R"(],"_count":)");
  page.body.append(std::to_string(count));
  page.body.append("}");
  page.item_count = count;
  page_stages stages{{.filter = {.own_cluster = "us", .kinds = {}, .namespaces = {}},
                      .content = feed_content::entities,
                      .identities = identity_keys::namespaces}};
  if (const auto made = stages.process(page, {})) {
    const auto& c = (*made)->counts;
    expect(c.changes == count, "as many changes as rows", std::to_string(c.changes));
  } else {
    expect(made.error().code == errc::malformed, "a page that can't be used is malformed");
    static_cast<void>(stages.salvage(page, {}));
  }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  for (const auto form : {row_form::lines, row_form::array}) {
    const auto whole = split(text, form, text.size() + 1);
    for (const std::size_t piece : {1U, 7U}) {
      const auto cut = split(text, form, piece);
      // Bytes that are refused may be refused earlier, behind the same items.
      expect(cut.failed || cut.items == whole.items || whole.failed,
             "the same items, however they are cut");
      expect(cut.failed || whole.failed || cut.complete == whole.complete, "as complete");
    }
    for (const auto& options :
         {couchdb::row_options{}, couchdb::row_options{true, false, "clusterId"},
          couchdb::row_options{true, true, std::string(200, 'c')}}) {
      couchdb::row_reader reader{options};
      for (const auto& item : whole.items)
        check_row(reader, item, options.documents);
      check_page(whole.items, options);
    }
  }
  return 0;
}
