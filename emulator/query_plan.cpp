#include "emulator/query_plan.hpp"

#include "emulator/query_functions.hpp"
#include "http/message.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

using kind = query_expression::kind;

constexpr std::uint64_t largest_count = 2147483647;

std::string json_text(std::string_view text) {
  std::string out;
  write_text(text, out);
  return out;
}

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
  std::string out;
  for (const std::string& part : parts) {
    if (&part != &parts.front())
      out += between;
    out += part;
  }
  return out;
}

std::string quoted_list(const std::vector<std::string>& parts) {
  std::vector<std::string> texts;
  for (const std::string& part : parts)
    texts.push_back(json_text(part));
  return '[' + joined(texts, ",") + ']';
}

std::string number_or_null(const std::optional<std::uint64_t>& n) {
  return n ? std::to_string(*n) : "null";
}

/// What a range is to yield for an aggregate, in the form that clients take apart.
std::string share_of(const query& q, const query_expression& aggregate) {
  const std::string of = '(' + std::string(q.text_of(aggregate.slice)) + ')';
  const std::string count = R"("count": COUNT)" + of;
  switch (aggregate.aggregate) {
  case query_aggregate::average:
    return R"({"item": {"sum": SUM)" + of + ", " + count + "}}";
  case query_aggregate::count:
    return R"({"item": COUNT)" + of + '}';
  case query_aggregate::maximum:
    return R"({"item": MAX)" + of + R"(, "item2": {"max": MAX)" + of + ", " + count + "}}";
  case query_aggregate::minimum:
    return R"({"item": MIN)" + of + R"(, "item2": {"min": MIN)" + of + ", " + count + "}}";
  case query_aggregate::sum:
    return R"({"item": SUM)" + of + '}';
  }
  return {};
}

/// {"name": e, ...} of the columns, by what `write` makes of each.
template <class Write>
std::string object_of(const query& q, const Write& write) {
  std::vector<std::string> members;
  for (const query_column& column : q.columns)
    members.push_back(json_text(column.name) + ": " + write(column));
  return '{' + joined(members, ", ") + '}';
}

/// SELECT and TOP, with a space behind.
std::string select_top(const query& q) {
  return q.top ? "SELECT TOP " + std::to_string(*q.top) + ' ' : "SELECT ";
}

std::string from_where(const query& q) {
  std::string text = "\nFROM " + std::string(q.text_of(q.from_slice));
  if (q.where)
    text += "\nWHERE " + std::string(q.text_of(q.where_slice));
  return text;
}

/// Each range has to yield all that the whole may begin with.
std::string offset_limit(const query& q) {
  if (!q.limit)
    return {};
  return "\nOFFSET 0 LIMIT " + std::to_string(std::min(*q.offset + *q.limit, largest_count));
}

std::string rewritten_for_aggregates(const query& q) {
  if (q.select == query::projection::value)
    return select_top(q) + "VALUE [" + share_of(q, *q.aggregates.front()) + ']' + from_where(q)
           + offset_limit(q);
  const auto share = [&](const query_column& column) {
    return column.value->what == kind::aggregate ? share_of(q, *column.value)
                                                 : std::string(q.text_of(column.slice));
  };
  return select_top(q) + object_of(q, share) + " AS payload" + from_where(q) + offset_limit(q);
}

/// Clients merge by `orderByItems` and hand out `payload`. They put a condition in the place of the
/// filter: true, or where they go on.
std::string rewritten_for_order(const query& q) {
  const std::string& document = q.sources.front().name;
  std::vector<std::string> items;
  for (const query_order& key : q.order)
    items.push_back(R"({"item": )" + std::string(q.text_of(key.slice)) + '}');
  std::string payload = document;
  if (q.select == query::projection::value)
    payload = q.text_of(q.columns.front().slice);
  else if (q.select == query::projection::columns)
    payload = object_of(q, [&](const query_column& c) { return std::string(q.text_of(c.slice)); });

  constexpr std::string_view filter = "({documentdb-formattableorderbyquery-filter})";
  std::string text = select_top(q) + document + "._rid, [" + joined(items, ", ")
                     + "] AS orderByItems, " + payload + " AS payload\nFROM "
                     + std::string(q.text_of(q.from_slice)) + "\nWHERE ";
  if (q.where)
    text += "((" + std::string(q.text_of(q.where_slice)) + ") AND " + std::string(filter) + ')';
  else
    text += filter;
  return text + "\nORDER BY " + std::string(q.text_of(q.order_slice)) + offset_limit(q);
}

/// Empty: as it is.
std::string rewritten(const query& q) {
  if (!q.aggregates.empty())
    return rewritten_for_aggregates(q);
  if (!q.order.empty())
    return rewritten_for_order(q);
  if (q.limit)
    return "SELECT " + std::string(q.text_of(q.select_slice)) + from_where(q) + offset_limit(q);
  return {};
}

/// What a client must be able to do.
std::vector<std::string_view> features_of(const query& q) {
  std::vector<std::string_view> needed;
  if (!q.aggregates.empty())
    needed.emplace_back(q.select == query::projection::value ? "Aggregate" : "NonValueAggregate");
  if (q.aggregates.size() > 1)
    needed.emplace_back("MultipleAggregates");
  if (!q.order.empty())
    needed.emplace_back(q.order.size() > 1 ? "MultipleOrderBy" : "OrderBy");
  if (q.top)
    needed.emplace_back("Top");
  if (q.limit)
    needed.emplace_back("OffsetAndLimit");
  return needed;
}

bool has_feature(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    std::string_view feature = list.substr(0, comma);
    list.remove_prefix(std::min(comma + 1, list.size()));
    while (feature.starts_with(' '))
      feature.remove_prefix(1);
    while (feature.ends_with(' '))
      feature.remove_suffix(1);
    if (http::iequals(feature, wanted))
      return true;
  }
  return false;
}

answer<void> check_plan(const query& q, std::string_view features) {
  for (const std::string_view needed : features_of(q))
    if (!has_feature(features, needed))
      return refuse(400, "Query contains 1 or more unsupported features. Upgrade your SDK to a "
                         "version that does support the requested features: Query contained "
                             + std::string(needed)
                             + ", which the calling client does not support.");
  const auto is_composed = [](const query_column& column) {
    return column.value->what != kind::aggregate && column.value->what != kind::constant;
  };
  if (!q.aggregates.empty() && std::any_of(q.columns.begin(), q.columns.end(), is_composed))
    return refuse(400, "Compositions of aggregates and other expressions are not allowed.");
  return {};
}

} // namespace

answer<std::string> plan_query(const query& q, std::string_view features) {
  if (auto good = check_plan(q, features); !good)
    return good.error();
  std::vector<std::string> directions;
  std::vector<std::string> keys;
  for (const query_order& key : q.order) {
    directions.emplace_back(key.descending ? "Descending" : "Ascending");
    keys.emplace_back(q.text_of(key.slice));
  }
  const bool is_value = q.select == query::projection::value;
  std::vector<std::string> values;
  std::vector<std::string> aliases;
  std::vector<std::string> types;
  for (const query_expression* aggregate : q.aggregates)
    if (is_value)
      values.emplace_back(plan_name(aggregate->aggregate));
  if (!q.aggregates.empty() && !is_value)
    for (const query_column& column : q.columns) {
      aliases.push_back(column.name);
      types.push_back(json_text(column.name) + ':'
                      + (column.value->what == kind::aggregate
                             ? json_text(plan_name(column.value->aggregate))
                             : "null"));
    }
  return R"({"partitionedQueryExecutionInfoVersion":2,"queryInfo":{"distinctType":"None","top":)"
         + number_or_null(q.top) + R"(,"offset":)" + number_or_null(q.offset) + R"(,"limit":)"
         + number_or_null(q.limit) + R"(,"orderBy":)" + quoted_list(directions)
         + R"(,"orderByExpressions":)" + quoted_list(keys)
         + R"(,"groupByExpressions":[],"groupByAliases":)" + quoted_list(aliases)
         + R"(,"aggregates":)" + quoted_list(values) + R"(,"groupByAliasToAggregateType":{)"
         + joined(types, ",") + R"(},"rewrittenQuery":)" + json_text(rewritten(q))
         + R"(,"hasSelectValue":)" + (is_value ? "true" : "false")
         + R"(,"dCountInfo":null,"hasNonStreamingOrderBy":false},)"
         + R"("queryRanges":[{"min":"","max":"FF","isMinInclusive":true,"isMaxInclusive":false}]})";
}

} // namespace feedcast::emulator
