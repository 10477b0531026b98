#include "emulator/fault_rules.hpp"

#include <boost/json.hpp>

#include <array>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 5> kind_names = {"status", "truncate", "corrupt", "reset",
                                                        "delay"};

refusal bad(std::string_view member, std::string_view expectation) {
  return refuse(400, "'" + std::string(member) + "' must be " + std::string(expectation));
}

answer<std::uint64_t> number(std::string_view name, const json::value& v, std::uint64_t least,
                             std::uint64_t most) {
  json::error_code failure;
  const auto n = v.to_number<std::uint64_t>(failure);
  if (failure || n < least || n > most)
    return bad(name,
               "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return n;
}

/// Stores a number into `out`, whatever holds it.
template <class Out>
answer<void> store_number(std::string_view name, const json::value& v, std::uint64_t least,
                          std::uint64_t most, Out& out) {
  const auto n = number(name, v, least, most);
  if (!n)
    return n.error();
  out = Out(*n);
  return {};
}

answer<void> read_text_member(fault_rule& rule, std::string_view name, std::string_view text) {
  if (name == "container") {
    rule.container = text;
  } else if (name == "range") {
    rule.range = text;
  } else if (name == "operation") {
    rule.on = parse_operation(text);
    if (text != "any" && (!rule.on || *rule.on == operation::control))
      return bad(
          name,
          "any, account, database, container, pkranges, feed, list, create, upsert, read, replace, "
          "delete, query, query_plan or offers");
  } else if (name == "kind") {
    const auto at = std::find(kind_names.begin(), kind_names.end(), text);
    if (at == kind_names.end())
      return bad(name, "status, truncate, corrupt, reset or delay");
    rule.kind = static_cast<fault_kind>(at - kind_names.begin());
  } else {
    return refuse(400, "a fault rule has no text member '" + std::string(name) + "'");
  }
  return {};
}

answer<void> read_other_member(fault_rule& rule, std::string_view name, const json::value& v) {
  constexpr std::uint64_t an_hour = 3'600'000;
  constexpr std::uint64_t many = 1'000'000'000;
  if (name == "status")
    return store_number(name, v, 400, 599, rule.status);
  if (name == "substatus")
    return store_number(name, v, 0, 99'999, rule.sub_status);
  if (name == "retry_after_ms")
    return store_number(name, v, 0, an_hour, rule.retry_after_ms);
  if (name == "at_byte")
    return store_number(name, v, 0, many, rule.at_byte);
  if (name == "delay_ms")
    return store_number(name, v, 0, an_hour, rule.delay);
  if (name == "times")
    return store_number(name, v, 0, many, rule.times);
  if (name == "rate") {
    json::error_code failure;
    rule.rate = v.to_number<double>(failure);
    if (failure || !(rule.rate >= 0 && rule.rate <= 1))
      return bad(name, "a number from 0 to 1");
    return {};
  }
  if (name == "apply" && v.is_bool()) {
    rule.apply = v.get_bool();
    return {};
  }
  return refuse(400, "a fault rule has no member '" + std::string(name) + "' of that type");
}

} // namespace

answer<fault_rule> parse_fault_rule(std::string_view text) {
  json::error_code failure;
  const json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object())
    return refuse(
        400, "a fault rule is a JSON object such as {\"operation\":\"feed\",\"kind\":\"status\","
             "\"status\":429,\"retry_after_ms\":50,\"times\":3}");
  fault_rule rule;
  for (const auto& [name, value] : parsed.get_object()) {
    auto read = value.is_string() ? read_text_member(rule, name, value.get_string())
                                  : read_other_member(rule, name, value);
    if (!read)
      return read.error();
  }
  return rule;
}

std::string to_json(const fault_rule& rule) {
  json::object o{{"id", rule.id},
                 {"operation", rule.on ? to_string(*rule.on) : "any"},
                 {"container", rule.container},
                 {"range", rule.range},
                 {"kind", kind_names[static_cast<std::size_t>(rule.kind)]}};
  if (rule.kind == fault_kind::status) {
    o["status"] = rule.status;
    o["substatus"] = rule.sub_status;
  }
  if (rule.retry_after_ms)
    o["retry_after_ms"] = *rule.retry_after_ms;
  if (rule.at_byte)
    o["at_byte"] = *rule.at_byte;
  if (rule.kind == fault_kind::reset)
    o["apply"] = rule.apply;
  if (rule.kind == fault_kind::delay)
    o["delay_ms"] = rule.delay.count();
  o["rate"] = rule.rate;
  o["times"] = rule.times;
  o["hits"] = rule.hits;
  return json::serialize(o);
}

} // namespace feedcast::emulator
