#include "emulator/control_body.hpp"
#include "emulator/fault_rules.hpp"

#include <algorithm>
#include <array>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

constexpr std::array<std::string_view, 7> kind_names = {
    "status", "truncate", "corrupt", "wrong_length", "drip", "reset", "delay"};

constexpr std::uint64_t an_hour = 3'600'000;
constexpr std::uint64_t many = 1'000'000'000;

/// An error as the service's own libraries for fault injection call it.
struct named_error {
  std::string_view name;
  unsigned status;
  std::uint32_t sub_status;
};

constexpr std::array<named_error, 15> named_errors = {{{"Unauthorized", 401, 0},
                                                       {"WriteForbidden", 403, 3},
                                                       {"DatabaseAccountNotFound", 403, 1008},
                                                       {"ReadSessionNotAvailable", 404, 1002},
                                                       {"Timeout", 408, 0},
                                                       {"NameCacheIsStale", 410, 1000},
                                                       {"PartitionKeyRangeGone", 410, 1002},
                                                       {"PartitionIsSplitting", 410, 1007},
                                                       {"PartitionIsMigrating", 410, 1008},
                                                       {"LeaseNotFound", 410, 1022},
                                                       {"PreconditionFailed", 412, 0},
                                                       {"TooManyRequests", 429, 3200},
                                                       {"RetryWith", 449, 0},
                                                       {"InternalServerError", 500, 0},
                                                       {"ServiceUnavailable", 503, 0}}};

template <class List, class Name>
std::vector<std::string_view> names_of(const List& list, Name name) {
  std::vector<std::string_view> all;
  for (const auto& each : list)
    all.push_back(name(each));
  return all;
}

control_member operation_member(fault_rule& rule) {
  auto names = std::vector<std::string_view>{"any"};
  for (std::size_t i = 0; i < operation_names.size(); ++i)
    if (static_cast<operation>(i) != operation::control)
      names.push_back(operation_names[i]);
  return choice_member("operation", names, [names, &rule](std::size_t at) {
    rule.on = parse_operation(names[at]); // nothing for "any"
  });
}

control_member error_member(fault_rule& rule) {
  return choice_member("error", names_of(named_errors, [](const named_error& e) { return e.name; }),
                       [&rule](std::size_t at) {
                         constexpr std::uint64_t usual_wait = 500;
                         rule.status = named_errors[at].status;
                         rule.sub_status = named_errors[at].sub_status;
                         if (rule.status == 429 && !rule.retry_after_ms)
                           rule.retry_after_ms = usual_wait;
                       });
}

control_member apply_member(fault_rule& rule) {
  return {"apply", [&rule](const json::value& v) -> answer<void> {
            if (!v.is_bool())
              return wrong_member("apply", "true or false");
            rule.apply = v.get_bool();
            return {};
          }};
}

control_member length_member(fault_rule& rule) {
  return {"length_by", [&rule](const json::value& v) -> answer<void> {
            constexpr std::int64_t most = 1'000'000;
            json::error_code failure;
            rule.length_by = v.to_number<std::int64_t>(failure);
            if (failure || rule.length_by == 0 || rule.length_by < -most || rule.length_by > most)
              return wrong_member("length_by",
                                  "a whole number from -1000000 to 1000000, and not 0");
            return {};
          }};
}

std::vector<control_member> members_of(fault_rule& rule) {
  return {operation_member(rule),
          text_member("container", rule.container),
          text_member("range", rule.range),
          text_member("region", rule.region),
          choice_member("kind", names_of(kind_names, [](std::string_view n) { return n; }),
                        [&rule](std::size_t at) { rule.kind = static_cast<fault_kind>(at); }),
          error_member(rule),
          whole_member("status", 400, 599, rule.status),
          whole_member("substatus", 0, 99'999, rule.sub_status),
          whole_member("retry_after_ms", 0, an_hour, rule.retry_after_ms),
          whole_member("at_byte", 0, many, rule.at_byte),
          apply_member(rule),
          whole_member("delay_ms", 0, an_hour, rule.delay),
          whole_member("piece", 1, many, rule.piece),
          length_member(rule),
          number_member("rate", 0, 1, rule.rate),
          whole_member("hit_limit", 0, many, rule.hit_limit),
          whole_member("times", 0, many, rule.hit_limit),
          whole_member("times_per_operation", 0, many, rule.times_per_operation),
          whole_member("start_delay_ms", 0, an_hour, rule.start_delay),
          whole_member("duration_ms", 1, an_hour, rule.duration)};
}

} // namespace

answer<fault_rule> parse_fault_rule(std::string_view text) {
  fault_rule rule;
  const auto read = read_members(
      text, "a fault rule",
      R"({"operation":"feed","kind":"status","status":429,"retry_after_ms":50,"times":3})",
      members_of(rule));
  if (!read)
    return read.error();
  if (rule.apply == false && rule.kind != fault_kind::status && rule.kind != fault_kind::reset
      && rule.kind != fault_kind::delay)
    return refuse(400, "'apply' can be false for status, reset and delay only: what is not carried "
                       "out has no body of its own to spoil");
  return rule;
}

std::string to_json(const fault_rule& rule) {
  json::object o{{"id", rule.id},
                 {"operation", rule.on ? to_string(*rule.on) : "any"},
                 {"container", rule.container},
                 {"range", rule.range},
                 {"region", rule.region},
                 {"kind", kind_names[static_cast<std::size_t>(rule.kind)]},
                 {"apply", rule.carries_out()}};
  if (rule.kind == fault_kind::status || !rule.carries_out()) {
    o["status"] = rule.status;
    o["substatus"] = rule.sub_status;
  }
  if (rule.retry_after_ms)
    o["retry_after_ms"] = *rule.retry_after_ms;
  if (rule.at_byte)
    o["at_byte"] = *rule.at_byte;
  if (rule.delay)
    o["delay_ms"] = rule.delay->count();
  if (rule.kind == fault_kind::drip)
    o["piece"] = rule.piece;
  if (rule.kind == fault_kind::wrong_length)
    o["length_by"] = rule.length_by;
  o["rate"] = rule.rate;
  o["hit_limit"] = rule.hit_limit;
  o["times"] = rule.hit_limit;
  o["times_per_operation"] = rule.times_per_operation;
  o["start_delay_ms"] = rule.start_delay.count();
  if (rule.duration)
    o["duration_ms"] = rule.duration->count();
  o["hits"] = rule.hits;
  return json::serialize(o);
}

} // namespace feedcast::emulator
