#include "emulator/query.hpp"

#include <simdjson.h>

#include <algorithm>

namespace feedcast::emulator {
namespace {

namespace dom = simdjson::dom;

bool is_on_id(const query_condition& c) {
  return c.path.size() == 1 && c.path.front() == "id";
}

bool holds_for_text(const query_condition& c, std::string_view text) {
  const auto* wanted = std::get_if<std::string>(&c.value);
  switch (c.test) {
  case query_condition::kind::starts_with:
    return wanted != nullptr && text.starts_with(*wanted);
  case query_condition::kind::equal:
    return wanted != nullptr && text == *wanted;
  case query_condition::kind::not_equal:
    return wanted == nullptr || text != *wanted;
  }
  return false;
}

bool is_equal(dom::element found, const key_value& wanted) {
  if (std::holds_alternative<null_value>(wanted))
    return found.is_null();
  if (const auto* b = std::get_if<bool>(&wanted)) {
    bool value = false;
    return found.get(value) == simdjson::SUCCESS && value == *b;
  }
  if (const auto* d = std::get_if<double>(&wanted)) {
    double value = 0;
    return found.get(value) == simdjson::SUCCESS && value == *d;
  }
  return false;
}

/// A property that is not there makes a condition neither true nor false, so the document is left
/// out.
bool holds(const query_condition& c, dom::object object) {
  dom::element found;
  for (std::size_t i = 0; i < c.path.size(); ++i) {
    const bool last = i + 1 == c.path.size();
    if (object[c.path[i]].get(found) != simdjson::SUCCESS
        || (!last && found.get(object) != simdjson::SUCCESS))
      return false;
  }
  if (std::string_view text; found.get(text) == simdjson::SUCCESS)
    return holds_for_text(c, text);
  switch (c.test) {
  case query_condition::kind::equal:
    return is_equal(found, c.value);
  case query_condition::kind::not_equal:
    return !is_equal(found, c.value);
  default:
    return false;
  }
}

} // namespace

bool query::matches(const document& candidate) const {
  const auto on_text = [&](const query_condition& c) { return !is_on_id(c); };
  if (std::none_of(conditions.begin(), conditions.end(),
                   on_text)) // spares the copy and the parsing
    return matches(candidate.id, {});
  return matches(candidate.id, candidate.plain_text());
}

bool query::matches(std::string_view id, std::string_view json) const {
  std::optional<dom::object> object;
  static thread_local dom::parser parser;
  for (const query_condition& c : conditions) {
    if (is_on_id(c)) {
      if (!holds_for_text(c, id))
        return false;
      continue;
    }
    if (!object) {
      dom::object parsed;
      if (parser.parse(json.data(), json.size()).get(parsed) != simdjson::SUCCESS)
        return false;
      object = parsed;
    }
    if (!holds(c, *object))
      return false;
  }
  return true;
}

} // namespace feedcast::emulator
