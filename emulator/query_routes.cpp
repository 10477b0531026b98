#include "emulator/charges.hpp"
#include "emulator/headers.hpp"
#include "emulator/query_plan.hpp"
#include "emulator/query_run.hpp"
#include "emulator/query_value.hpp"
#include "emulator/reply.hpp"
#include "emulator/routes.hpp"

#include <algorithm>

namespace feedcast::emulator::routes {
namespace {

constexpr std::size_t default_page_items = 1000;
/// All that a plan can hold.
constexpr std::string_view every_feature =
    "Aggregate,NonValueAggregate,MultipleAggregates,OrderBy,MultipleOrderBy,Top,OffsetAndLimit";

std::string page_body(const container& owner, const query_page& page) {
  return R"({"_rid":")" + owner.address().to_text() + R"(","Documents":[)" + page.rows
         + R"(],"_count":)" + std::to_string(page.count) + '}';
}

/// Charged by what was looked at would be nearer the truth, but clients only need a plausible
/// number.
http::server_response answer_query(const call& c, const query& q, const addressed_container& owner,
                                   const selection& where) {
  const auto max_items = max_item_count(c);
  if (!max_items)
    return send_refusal(max_items.error());
  const auto position = read_query_position(c.header(header::continuation),
                                            q.aggregates.empty() ? q.order.size() : 0);
  if (!position)
    return send_refusal(position.error());
  const auto page = run_query(*owner.data, q, where, *position,
                              *max_items == 0 ? default_page_items : *max_items);
  if (!page)
    return send_refusal(page.error());

  std::string text = page_body(*owner.data, *page);
  const range_map map = owner.data->ranges();
  const auto range = std::find_if(map.ranges.begin(), map.ranges.end(), [&](const range_info& r) {
    return where.range_id ? r.id == *where.range_id : !where.epk || *where.epk < r.max;
  });
  reply r(200);
  r.owner(*owner.data).items(page->count).charge(page_charge(text.size())).json(std::move(text));
  if (range != map.ranges.end())
    r.session(range->id, std::min(range->lsn, where.up_to.value_or(range->lsn)));
  if (page->next)
    r.set(header::continuation, page->next->to_text());
  return r.send();
}

/// The service's own words, as clients look for some of them; with the plan, which spares them to
/// ask for it.
http::server_response send_not_servable(const query& q) {
  if (!q.aggregates.empty() && q.select != query::projection::value)
    return send_refusal(
        refuse(400, "Cross partition query only supports 'VALUE <AggregateFunc>' for aggregates."));
  const auto plan = plan_query(q, every_feature);
  if (!plan)
    return send_refusal(plan.error());
  std::string body = R"({"code":"BadRequest","message":)";
  write_text("The provided cross partition query can not be directly served by the gateway. This "
             "is a first chance (internal) exception that all newer clients will know how to "
             "handle gracefully.",
             body);
  body += R"(,"additionalErrorInfo":)";
  write_text(*plan, body);
  body += '}';
  return reply(400)
      .set(header::sub_status, std::to_string(substatus::not_servable))
      .json(std::move(body))
      .send();
}

} // namespace

http::server_response list_documents(const call& c) {
  static const query everything = select_all();
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto where = read_selection(c);
  return where ? answer_query(c, everything, *owner, *where) : send_refusal(where.error());
}

http::server_response query_documents(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto q = parse_query(c.body());
  if (!q)
    return send_refusal(q.error());
  const auto where = read_selection(c);
  if (!where)
    return send_refusal(where.error());
  if (!where->range_id && !where->epk) {
    if (!c.flag(header::cross_partition))
      return send_refusal(refuse(
          400, "Cross partition query is required but disabled. Please set "
               "x-ms-documentdb-query-enablecrosspartition to true, specify "
               "x-ms-documentdb-partitionkey, or revise your query to avoid this exception."));
    if (q->needs_merging())
      return send_not_servable(*q);
  }
  return answer_query(c, *q, *owner, *where);
}

http::server_response plan_query(const call& c) {
  const auto owner = find_container(c);
  if (!owner)
    return send_refusal(owner.error());
  const auto q = parse_query(c.body());
  if (!q)
    return send_refusal(q.error());
  auto plan = emulator::plan_query(*q, c.header(header::supported_features));
  return plan ? reply(200).owner(*owner->data).json(std::move(*plan)).send()
              : send_refusal(plan.error());
}

} // namespace feedcast::emulator::routes
