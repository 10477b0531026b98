#include "emulator/query.hpp"
#include "emulator/query_lexer.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

namespace dom = simdjson::dom;

bool is_parameter_name(std::string_view name) {
  return name.size() > 1 && name.front() == '@'
         && std::all_of(name.begin() + 1, name.end(), [](char c) {
              return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                     || c == '_' || static_cast<unsigned char>(c) >= 0x80;
            });
}

/// One without a value is undefined.
answer<query_parameters> read_parameters(dom::object body) {
  query_parameters parameters;
  dom::element list;
  if (body.at_key("parameters").get(list) != simdjson::SUCCESS || list.is_null())
    return parameters;
  const refusal malformed =
      refuse(400, "'parameters' must be a list of {\"name\":\"@p\",\"value\":...}");
  dom::array entries;
  if (list.get(entries) != simdjson::SUCCESS)
    return malformed;
  for (const dom::element entry : entries) {
    dom::object o;
    std::string_view name;
    if (entry.get(o) != simdjson::SUCCESS || o.at_key("name").get(name) != simdjson::SUCCESS)
      return malformed;
    if (!is_parameter_name(name))
      return refuse(400, "the name of a parameter must be '@' and letters, digits or '_'");
    dom::element value;
    const bool given = o.at_key("value").get(value) == simdjson::SUCCESS;
    if (!parameters.emplace(name, given ? to_value(value) : query_value{}).second)
      return refuse(400, "the parameter " + query_excerpt(name) + " is given twice");
  }
  return parameters;
}

} // namespace

answer<query> parse_query(std::string_view body) {
  const auto parser = std::make_shared<dom::parser>(); // values of parameters point into it
  dom::object o;
  std::string_view sql;
  if (parser->parse(body.data(), body.size()).get(o) != simdjson::SUCCESS
      || o.at_key("query").get(sql) != simdjson::SUCCESS)
    return refuse(400,
                  "the body of a query must be {\"query\":\"SELECT ...\",\"parameters\":[...]}");
  const auto parameters = read_parameters(o);
  if (!parameters)
    return parameters.error();
  auto q = parse_query_text(std::string(sql), *parameters);
  if (q)
    q->parameters = parser;
  return q;
}

} // namespace feedcast::emulator
