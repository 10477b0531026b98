#include "emulator/query_functions.hpp"

#include "http/message.hpp"

#include <algorithm>
#include <array>

namespace feedcast::emulator {
namespace {

using arguments_of = std::vector<query_value>;

constexpr std::array<query_signature, 17> signatures = {{
    {"ARRAY_CONTAINS", query_function::array_contains, 2, 3},
    {"ARRAY_LENGTH", query_function::array_length, 1, 1},
    {"CONTAINS", query_function::contains, 2, 3},
    {"ENDSWITH", query_function::ends_with, 2, 3},
    {"IS_ARRAY", query_function::is_array, 1, 1},
    {"IS_BOOL", query_function::is_boolean, 1, 1},
    {"IS_BOOLEAN", query_function::is_boolean, 1, 1}, // in the filters of the Java SDK
    {"IS_DEFINED", query_function::is_defined, 1, 1},
    {"IS_NULL", query_function::is_null, 1, 1},
    {"IS_NUMBER", query_function::is_number, 1, 1},
    {"IS_OBJECT", query_function::is_object, 1, 1},
    {"IS_PRIMITIVE", query_function::is_primitive, 1, 1},
    {"IS_STRING", query_function::is_text, 1, 1},
    {"LENGTH", query_function::length, 1, 1},
    {"LOWER", query_function::lower, 1, 1},
    {"STARTSWITH", query_function::starts_with, 2, 3},
    {"UPPER", query_function::upper, 1, 1},
}};

struct aggregate_name {
  std::string_view sql;
  std::string_view plan;
  query_aggregate aggregate;
};

constexpr std::array<aggregate_name, 5> aggregates = {{
    {"AVG", "Average", query_aggregate::average},
    {"COUNT", "Count", query_aggregate::count},
    {"MAX", "Max", query_aggregate::maximum},
    {"MIN", "Min", query_aggregate::minimum},
    {"SUM", "Sum", query_aggregate::sum},
}};

char lowered(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

char raised(char c) noexcept {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

std::string mapped(std::string_view text, char (*map)(char) noexcept) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), map);
  return out;
}

bool find(query_function function, std::string_view text, std::string_view part) {
  switch (function) {
  case query_function::starts_with:
    return text.starts_with(part);
  case query_function::ends_with:
    return text.ends_with(part);
  default:
    return text.find(part) != std::string_view::npos;
  }
}

/// A third argument that is true: whatever the case.
query_value search(query_function function, const arguments_of& arguments) {
  const auto* text = std::get_if<std::string_view>(&arguments[0]);
  const auto* part = std::get_if<std::string_view>(&arguments[1]);
  const bool* ignore_case = nullptr;
  if (arguments.size() > 2) {
    ignore_case = std::get_if<bool>(&arguments[2]);
    if (ignore_case == nullptr)
      return {};
  }
  if (text == nullptr || part == nullptr)
    return {};
  if (ignore_case == nullptr || !*ignore_case)
    return find(function, *text, *part);
  return find(function, mapped(*text, lowered), mapped(*part, lowered));
}

/// All members of `part` are in `whole`, too.
bool has_part(const query_value& whole, const query_value& part) {
  if (type_of(whole) != query_type::object || type_of(part) != query_type::object)
    return is_equal(whole, part);
  const auto members = sorted_members(whole);
  return for_each_member(part, [&](std::string_view name, const query_value& v) {
    const auto at = std::lower_bound(
        members.begin(), members.end(), name,
        [](const query_member& m, std::string_view wanted) { return m.first < wanted; });
    return at != members.end() && at->first == name && has_part(at->second, v);
  });
}

query_value array_contains(const arguments_of& arguments) {
  if (type_of(arguments[0]) != query_type::array || type_of(arguments[1]) == query_type::undefined)
    return {};
  bool partly = false;
  if (arguments.size() > 2) {
    const auto* flag = std::get_if<bool>(&arguments[2]);
    if (flag == nullptr)
      return {};
    partly = *flag;
  }
  return !for_each_element(arguments[0], [&](const query_value& v) {
    return !(partly ? has_part(v, arguments[1]) : is_equal(v, arguments[1]));
  });
}

query_value size(double n) {
  return query_number{n, static_cast<std::int64_t>(n), true};
}

query_value case_changed(const query_value& value, char (*map)(char) noexcept, query_arena& arena) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text == nullptr ? query_value{} : query_value(arena.keep(mapped(*text, map)));
}

/// In characters.
query_value length(const query_value& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  if (text == nullptr)
    return {};
  return size(static_cast<double>(std::count_if(text->begin(), text->end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  })));
}

bool is_type(query_function function, query_type type) {
  switch (function) {
  case query_function::is_array:
    return type == query_type::array;
  case query_function::is_boolean:
    return type == query_type::boolean;
  case query_function::is_null:
    return type == query_type::null;
  case query_function::is_number:
    return type == query_type::number;
  case query_function::is_object:
    return type == query_type::object;
  case query_function::is_text:
    return type == query_type::text;
  case query_function::is_primitive:
    return type >= query_type::null && type <= query_type::text;
  default: // is_defined
    return type != query_type::undefined;
  }
}

} // namespace

const query_signature* find_query_function(std::string_view name) {
  const auto at = std::find_if(signatures.begin(), signatures.end(), [&](const query_signature& s) {
    return http::iequals(s.name, name);
  });
  return at == signatures.end() ? nullptr : &*at;
}

std::optional<query_aggregate> find_query_aggregate(std::string_view name) {
  for (const aggregate_name& a : aggregates)
    if (http::iequals(a.sql, name))
      return a.aggregate;
  return std::nullopt;
}

std::string_view plan_name(query_aggregate aggregate) noexcept {
  for (const aggregate_name& a : aggregates)
    if (a.aggregate == aggregate)
      return a.plan;
  return {};
}

query_value call_query_function(query_function function, const arguments_of& arguments,
                                query_arena& arena) {
  switch (function) {
  case query_function::array_contains:
    return array_contains(arguments);
  case query_function::array_length:
    return type_of(arguments[0]) == query_type::array
               ? size(static_cast<double>(length_of(arguments[0])))
               : query_value{};
  case query_function::contains:
  case query_function::ends_with:
  case query_function::starts_with:
    return search(function, arguments);
  case query_function::length:
    return length(arguments[0]);
  case query_function::lower:
    return case_changed(arguments[0], lowered, arena);
  case query_function::upper:
    return case_changed(arguments[0], raised, arena);
  default:
    return is_type(function, type_of(arguments[0]));
  }
}

} // namespace feedcast::emulator
