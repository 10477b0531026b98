// A query of the emulator, as its text (in UTF-8, as it comes out of JSON) or, behind a brace, as
// the body that has it. Whatever it is:
// it is refused in words that say where, or it runs; the same rows come in pages of any size; and
// what its plan asks of every range runs, too.
#include "emulator/query_plan.hpp"
#include "emulator/query_run.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <optional>
#include <string>
#include <string_view>

using namespace feedcast;
using namespace feedcast::emulator;
using fuzz::expect;

namespace {

constexpr std::string_view every_feature =
    "Aggregate,NonValueAggregate,MultipleAggregates,OrderBy,MultipleOrderBy,Top,OffsetAndLimit";

/// Documents with values of all types at the paths that queries of the corpus name.
struct account {
  account() {
    for (
        const char* text : {
            R"({"id":"P..0","n":1,"s":"a","l":[1,2,{"k":1}],"o":{"p":1},"ContinuationToken":"\"5\""})",
            R"({"id":"P..1","n":2,"s":"A","l":["x","x"],"ContinuationToken":null})",
            R"({"id":"P.info","n":1,"s":null,"l":[]})",
            R"({"id":"q1","n":-1.5e300,"s":"é","b":true,"o":{"p":{"q":[1]}}})",
            R"({"id":"q2","n":"2","s":"b","b":false,"l":[[1],[2]]})",
            R"({"id":"q3","n":9007199254740993,"s":"aa","l":5})",
            R"({"id":"q4"})",
        })
      expect(data.write(write_mode::create, *read_document(text, {"id"})).has_value(),
             "the documents are good", text);
  }

  memory_budget memory{1U << 20};
  container data{"d", *make_container_spec("c", "/id", 3), rid{1, 0x80000001U}, memory,
                 system_clock_source()};
};

bool is_json(std::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  return parser.parse(text.data(), text.size()).get(root) == simdjson::SUCCESS;
}

/// The rows of all pages; nothing if the query makes too many of one document.
std::optional<std::string> rows_of(const account& a, const query& q, const selection& where,
                                   std::size_t page_size) {
  std::string all;
  query_position from;
  for (int pages = 0;; ++pages) {
    expect(pages < 100'000, "a query comes to its end", q.sql);
    const auto page = run_query(a.data, q, where, from, page_size);
    if (!page) {
      expect(page.error().status == 400, "a query that ran away is 400", page.error().message);
      return std::nullopt;
    }
    expect(page->count <= page_size, "a page holds no more than it may", q.sql);
    expect(is_json('[' + page->rows + ']'), "rows are JSON", page->rows);
    if (!page->rows.empty())
      all += (all.empty() ? "" : ",") + page->rows;
    if (!page->next)
      return all;
    const auto read = read_query_position(page->next->to_text(), q.order.size());
    expect(read.has_value(), "a continuation is understood", page->next->to_text());
    from = *read;
  }
}

void check_plan(const account& a, const query& q, const query_parameters& parameters) {
  constexpr std::string_view filter = "{documentdb-formattableorderbyquery-filter}";
  if (q.sql.find(filter) != std::string::npos)
    return; // clients would take a query's own for that of the plan
  const auto plan = plan_query(q, every_feature);
  if (!plan) {
    expect(plan.error().status == 400, "a plan is refused with 400", plan.error().message);
    return;
  }
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  std::string_view text;
  expect(parser.parse(*plan).get(root) == simdjson::SUCCESS
             && root.at_pointer("/queryInfo/rewrittenQuery").get(text) == simdjson::SUCCESS,
         "a plan is JSON", *plan);
  if (text.empty())
    return;
  std::string sql(text);
  if (const auto at = sql.rfind(filter); at != std::string::npos)
    sql.replace(at, filter.size(), "true");
  const auto rewritten = parse_query_text(sql, parameters);
  if (!rewritten) {
    // At the limits, the two more levels of what it is put into are too many.
    const bool at_a_limit = rewritten.error().message.find("deeper than") != std::string::npos
                            || rewritten.error().message.find("more than") != std::string::npos
                            || rewritten.error().message.find("longer than") != std::string::npos;
    expect(at_a_limit, "a rewritten query is understood: " + sql, rewritten.error().message);
    return;
  }
  for (const range_info& r : a.data.ranges().ranges) {
    selection where;
    where.range_id = r.id;
    rows_of(a, *rewritten, where, 2);
  }
}

void check(const answer<query>& q, const query_parameters& parameters) {
  static const account a;
  if (!q) {
    expect(q.error().status == 400 && !q.error().message.empty(), "a query is refused with 400",
           q.error().message);
    return;
  }
  const auto whole = rows_of(a, *q, {}, 1000);
  if (!whole)
    return;
  if (whole->size() < 10'000)
    expect(rows_of(a, *q, {}, 1) == whole, "pages of one row have the same rows: " + *whole,
           q->sql);
  check_plan(a, *q, parameters);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (text.starts_with('{')) {
    check(parse_query(text), {});
    return 0;
  }
  if (!simdjson::validate_utf8(text))
    return 0;
  const query_parameters parameters{{"@p", std::string_view("P..")},
                                    {"@n", query_number{1, 1, true}},
                                    {"@z", null_value{}},
                                    {"@b", true}};
  const auto q = parse_query_text(std::string(text), parameters);
  if (!q && text.size() < 100'000)
    expect(q.error().message.find(", at line ") != std::string::npos, "a refusal says where",
           q.error().message);
  check(q, parameters);
  return 0;
}
