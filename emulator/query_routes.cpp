#include "emulator/charges.hpp"
#include "emulator/headers.hpp"
#include "emulator/page_text.hpp"
#include "emulator/query.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator::routes {
namespace {

constexpr std::size_t default_page_items = 100;
constexpr std::size_t scan_step = 500;
/// Documents looked at for one answer, so that a query that finds little does not hold an I/O
/// thread for long.
constexpr std::size_t scan_limit = 20'000;

/// Where a query goes on: "RANGE:LSN:GIVEN", GIVEN being how many documents went out before, for
/// TOP.
struct query_position {
  std::optional<scan_cursor> cursor;
  std::uint64_t given = 0;

  std::string to_text() const {
    return std::to_string(cursor->range) + ':' + std::to_string(cursor->lsn) + ':'
           + std::to_string(given);
  }
};

answer<query_position> read_position(const call& c) {
  const std::string_view text = c.header(header::continuation);
  query_position position;
  if (text.empty())
    return position;
  scan_cursor cursor;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  const auto number = [&](auto& out) {
    const auto [next, failure] = std::from_chars(at, end, out);
    const bool good = failure == std::errc{};
    at = next;
    return good;
  };
  const auto colon = [&] { return at != end && *at++ == ':'; };
  if (!number(cursor.range) || !colon() || !number(cursor.lsn) || !colon()
      || !number(position.given) || at != end)
    return refuse(400, "x-ms-continuation is not one that this emulator gave");
  position.cursor = cursor;
  return position;
}

struct query_page {
  std::vector<document_ptr> documents;
  std::optional<query_position> next;
};

answer<query_page> run(const container& data, const query& q, const selection& where,
                       query_position position, std::size_t max_items) {
  query_page page;
  if (q.top)
    max_items = static_cast<std::size_t>(
        std::min<std::uint64_t>(max_items, *q.top - std::min(*q.top, position.given)));
  std::size_t seen = 0;
  while (page.documents.size() < max_items) {
    // No more than are still wanted, so that everything that is looked at is behind the next
    // position.
    auto step =
        data.scan(where, position.cursor, std::min(scan_step, max_items - page.documents.size()));
    if (!step)
      return step.error();
    seen += step->documents.size();
    for (document_ptr& d : step->documents)
      if (q.matches(*d))
        page.documents.push_back(std::move(d));
    position.cursor = step->next;
    if (!step->next)
      return page;
    if (seen >= scan_limit)
      break;
  }
  position.given += page.documents.size();
  if (position.cursor && (!q.top || position.given < *q.top))
    page.next = position;
  return page;
}

/// Charged by what was looked at would be nearer the truth, but clients only need a plausible
/// number.
http::server_response answer_query(const call& c, const query& q) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto where = read_selection(c);
  if (!where)
    return send_refusal(where.error());
  const auto max_items = max_item_count(c);
  if (!max_items)
    return send_refusal(max_items.error());
  const auto position = read_position(c);
  if (!position)
    return send_refusal(position.error());
  const auto page =
      run(*owner->data, q, *where, *position, *max_items == 0 ? default_page_items : *max_items);
  if (!page)
    return send_refusal(page.error());

  auto text = page_text(owner->data->address(), page->documents, page_form::plain);
  const range_map map = owner->data->ranges();
  const auto range = std::find_if(map.ranges.begin(), map.ranges.end(), [&](const range_info& r) {
    return where->range_id ? r.id == *where->range_id : !where->epk || *where->epk < r.max;
  });
  reply r(200);
  r.owner(*owner->data)
      .items(page->documents.size())
      .charge(page_charge(text->size()))
      .json(std::move(text));
  if (range != map.ranges.end())
    r.session(range->id, range->lsn);
  if (page->next)
    r.set(header::continuation, page->next->to_text());
  return r.send();
}

} // namespace

http::server_response list_documents(const call& c) {
  return answer_query(c, {});
}

http::server_response query_documents(const call& c) {
  const auto q = parse_query(c.body());
  return q ? answer_query(c, *q) : send_refusal(q.error());
}

/// A plan that makes every client send the query to all ranges as it is.
http::server_response plan_query(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto q = parse_query(c.body());
  if (!q)
    return send_refusal(q.error());
  std::string text =
      R"({"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":)";
  text += q->top ? std::to_string(*q->top) : "null";
  text +=
      R"(,"offset":null,"limit":null,"orderBy":[],"orderByExpressions":[],"groupByExpressions":[],)"
      R"("groupByAliases":[],"aggregates":[],"groupByAliasToAggregateType":{},"rewrittenQuery":"",)"
      R"("hasSelectValue":false,"dCountInfo":null},)"
      R"("queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]})";
  return reply(200).owner(*owner->data).json(std::move(text)).send();
}

} // namespace feedcast::emulator::routes
