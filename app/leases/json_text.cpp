#include "app/leases/json_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace feedcast::app {

namespace json = boost::json;

namespace {

void append(std::string& out, const json::value& v, std::size_t level) {
  const auto line = [&](std::size_t depth) { out.append("\n").append(2 * depth, ' '); };
  if (const auto* o = v.if_object(); o != nullptr && !o->empty()) {
    out += '{';
    const char* comma = "";
    for (const auto& [name, member] : *o) {
      out += comma;
      line(level + 1);
      out += json::serialize(json::string{name}) + ": ";
      append(out, member, level + 1);
      comma = ",";
    }
    line(level);
    out += '}';
  } else if (const auto* a = v.if_array(); a != nullptr && !a->empty()) {
    out += '[';
    const char* comma = "";
    for (const auto& element : *a) {
      out += comma;
      line(level + 1);
      append(out, element, level + 1);
      comma = ",";
    }
    line(level);
    out += ']';
  } else {
    out += json::serialize(v);
  }
}

/// In parentheses: braces would make it a list of one element.
json::value text_or_null(const std::string& text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

} // namespace

std::string indented(const json::value& v) {
  std::string out;
  append(out, v, 0);
  return out;
}

json::object to_json(const key_span& span) {
  return {{"min", span.min}, {"max", span.max}};
}

json::value time_or_null(const std::optional<wall_time>& t) {
  return t ? json::value(format_iso8601(*t)) : json::value(nullptr);
}

json::object to_json(const lease_view& v) {
  const auto& l = v.shown;
  return {
      {"range", l.range_id},
      {"keys", v.keys ? json::value(to_json(*v.keys)) : json::value(nullptr)},
      {"form", json::string_view{to_string(l.form)}},
      {"owner", text_or_null(l.owner)},
      {"boot", text_or_null(l.boot)},
      {"near", !l.away},
      {"state", json::string_view{v.state()}},
      {"age_seconds", std::chrono::floor<std::chrono::seconds>(v.age).count()},
      {"expired", v.expired},
      {"position", text_or_null(l.continuation)},
      {"start", time_or_null(l.start)},
      {"timestamp", format_iso8601(l.timestamp)},
      {"stored_at", format_iso8601(l.stored_at)},
  };
}

} // namespace feedcast::app
