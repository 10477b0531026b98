#include "emulator/query_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace feedcast::emulator {
namespace {

namespace dom = simdjson::dom;

bool is_array(const query_json& j) noexcept {
  return j.element.is_array();
}

bool is_equal_array(const query_value& a, const query_value& b) {
  if (length_of(a) != length_of(b))
    return false;
  std::vector<query_value> others;
  for_each_element(b, [&](const query_value& v) {
    others.push_back(v);
    return true;
  });
  std::size_t i = 0;
  return for_each_element(a, [&](const query_value& v) { return is_equal(v, others[i++]); });
}

bool is_equal_object(const query_value& a, const query_value& b) {
  const auto left = sorted_members(a);
  const auto right = sorted_members(b);
  return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                    [](const query_member& x, const query_member& y) {
                      return x.first == y.first && is_equal(x.second, y.second);
                    });
}

template <class T>
int sign_of(const T& a, const T& b) {
  return a < b ? -1 : (b < a ? 1 : 0);
}

void write_number(const query_number& n, std::string& out) {
  std::array<char, 32> digits{};
  const auto put = [&](auto... v) {
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), v...).ptr;
    out.append(digits.data(), end);
  };
  constexpr double whole_below = 1e15;
  constexpr double largest_whole = 0x1p63;
  if (n.exact)
    put(n.whole);
  else if (!std::isfinite(n.value))
    out += "null"; // JSON has no other word for it
  else if (std::abs(n.value) < whole_below && n.value == std::trunc(n.value))
    put(static_cast<std::int64_t>(n.value));
  else if (std::abs(n.value) <= largest_whole)
    put(n.value);
  else // never 21 digits, which readers take for a whole number that is too large
    put(n.value, std::chars_format::scientific);
}

} // namespace

std::string_view query_arena::keep(std::string text) {
  if (text_bytes_ + text.size() > most_text) {
    overflowed_ = true;
    return {};
  }
  text_bytes_ += text.size();
  return texts_.emplace_back(std::move(text));
}

void query_arena::release(mark since) {
  texts_.resize(since.texts);
  text_bytes_ = since.text_bytes;
  composites_.resize(since.composites);
}

void query_arena::clear() {
  release({});
  overflowed_ = false;
}

query_value to_value(dom::element element) {
  switch (element.type()) {
  case dom::element_type::STRING:
    return element.get_string().value_unsafe();
  case dom::element_type::BOOL:
    return element.get_bool().value_unsafe();
  case dom::element_type::NULL_VALUE:
    return null_value{};
  case dom::element_type::INT64: {
    const std::int64_t whole = element.get_int64().value_unsafe();
    return query_number{static_cast<double>(whole), whole, true};
  }
  case dom::element_type::UINT64: // above what a signed one holds: digits are lost, as they are
                                  // there
    return query_number{static_cast<double>(element.get_uint64().value_unsafe()), 0, false};
  case dom::element_type::DOUBLE:
    return query_number{element.get_double().value_unsafe(), 0, false};
  default:
    return query_json{element, {}};
  }
}

query_type type_of(const query_value& value) noexcept {
  if (const auto* j = std::get_if<query_json>(&value))
    return is_array(*j) ? query_type::array : query_type::object;
  if (const auto* made = std::get_if<const query_composite*>(&value))
    return (*made)->is_object ? query_type::object : query_type::array;
  return static_cast<query_type>(value.index()); // the first five stand in that order
}

query_value member_of(const query_value& value, std::string_view name) {
  if (const auto* j = std::get_if<query_json>(&value)) {
    dom::object object;
    dom::element found;
    if (j->element.get(object) == simdjson::SUCCESS
        && object.at_key(name).get(found) == simdjson::SUCCESS)
      return to_value(found);
  } else if (const auto* made = std::get_if<const query_composite*>(&value)) {
    for (std::size_t i = 0; i < (*made)->names.size(); ++i)
      if ((*made)->names[i] == name)
        return (*made)->values[i];
  }
  return undefined_value{};
}

query_value element_of(const query_value& value, std::size_t index) {
  if (const auto* j = std::get_if<query_json>(&value)) {
    dom::array array;
    dom::element found;
    if (j->element.get(array) == simdjson::SUCCESS
        && array.at(index).get(found) == simdjson::SUCCESS)
      return to_value(found);
  } else if (const auto* made = std::get_if<const query_composite*>(&value)) {
    if (!(*made)->is_object && index < (*made)->values.size())
      return (*made)->values[index];
  }
  return undefined_value{};
}

bool for_each_element(const query_value& value,
                      const std::function<bool(const query_value&)>& each) {
  if (const auto* j = std::get_if<query_json>(&value)) {
    dom::array array;
    if (j->element.get(array) == simdjson::SUCCESS)
      for (const dom::element e : array)
        if (!each(to_value(e)))
          return false;
  } else if (const auto* made = std::get_if<const query_composite*>(&value)) {
    if (!(*made)->is_object)
      for (const query_value& v : (*made)->values)
        if (!each(v))
          return false;
  }
  return true;
}

std::size_t length_of(const query_value& array) {
  std::size_t length = 0;
  for_each_element(array, [&](const query_value&) {
    ++length;
    return true;
  });
  return length;
}

bool for_each_member(const query_value& object,
                     const std::function<bool(std::string_view, const query_value&)>& each) {
  if (const auto* j = std::get_if<query_json>(&object)) {
    dom::object members;
    if (j->element.get(members) == simdjson::SUCCESS)
      for (const auto member : members)
        if (!each(member.key, to_value(member.value)))
          return false;
    return true;
  }
  const query_composite& made = *std::get<const query_composite*>(object);
  for (std::size_t i = 0; i < made.values.size(); ++i)
    if (!each(made.names[i], made.values[i]))
      return false;
  return true;
}

std::vector<query_member> sorted_members(const query_value& object) {
  std::vector<query_member> members;
  for_each_member(object, [&](std::string_view name, const query_value& v) {
    members.emplace_back(name, v);
    return true;
  });
  std::stable_sort(members.begin(), members.end(),
                   [](const query_member& a, const query_member& b) { return a.first < b.first; });
  return members;
}

bool is_equal(const query_value& a, const query_value& b) {
  const query_type type = type_of(a);
  if (type != type_of(b))
    return false;
  switch (type) {
  case query_type::array:
    return is_equal_array(a, b);
  case query_type::object:
    return is_equal_object(a, b);
  default:
    return compare_scalars(a, b) == 0;
  }
}

int compare_scalars(const query_value& a, const query_value& b) {
  if (const auto* x = std::get_if<bool>(&a))
    return sign_of(*x, std::get<bool>(b));
  if (const auto* x = std::get_if<query_number>(&a))
    return sign_of(x->value, std::get<query_number>(b).value);
  if (const auto* x = std::get_if<std::string_view>(&a))
    return sign_of(*x, std::get<std::string_view>(b));
  return 0;
}

void write_text(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += hex[static_cast<unsigned char>(c) >> 4];
      out += hex[static_cast<unsigned char>(c) & 0xf];
    } else {
      out += c;
    }
  }
  out += '"';
}

void write_value(const query_value& value, std::string& out, std::size_t most) {
  if (const auto* b = std::get_if<bool>(&value)) {
    out += *b ? "true" : "false";
  } else if (const auto* n = std::get_if<query_number>(&value)) {
    write_number(*n, out);
  } else if (const auto* text = std::get_if<std::string_view>(&value)) {
    write_text(*text, out);
  } else if (const auto* j = std::get_if<query_json>(&value)) {
    if (j->text.empty())
      out += simdjson::minify(j->element);
    else
      out += j->text;
  } else if (const auto* made = std::get_if<const query_composite*>(&value)) {
    out += (*made)->is_object ? '{' : '[';
    for (std::size_t i = 0; i < (*made)->values.size() && out.size() <= most; ++i) {
      if (i > 0)
        out += ',';
      if ((*made)->is_object) {
        write_text((*made)->names[i], out);
        out += ':';
      }
      write_value((*made)->values[i], out, most);
    }
    out += (*made)->is_object ? '}' : ']';
  } else {
    out += "null"; // undefined, too, where there must be something: an element of an array
  }
}

} // namespace feedcast::emulator
