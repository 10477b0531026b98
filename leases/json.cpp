#include "leases/json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/value_stack.hpp>

#include <charconv>
#include <cmath>
#include <system_error>

namespace feedcast::json {

namespace {

using boost::json::error_code;
using boost::json::string_view;

/// Makes a value of what the parser finds. Boost's own builder takes the parser's approximation of
/// a fraction or a large number, which another writing and reading moves on: a document of others
/// would change each time that it is kept.
struct exact_builder {
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  bool on_document_begin(error_code&) { return true; }

  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) { return true; }

  bool on_object_end(std::size_t n, error_code&) { return (stack.push_object(n), true); }

  bool on_array_begin(error_code&) { return true; }

  bool on_array_end(std::size_t n, error_code&) { return (stack.push_array(n), true); }

  bool on_key_part(string_view s, std::size_t, error_code&) { return (stack.push_chars(s), true); }

  bool on_key(string_view s, std::size_t, error_code&) { return (stack.push_key(s), true); }

  bool on_string_part(string_view s, std::size_t, error_code&) {
    return (stack.push_chars(s), true);
  }

  bool on_string(string_view s, std::size_t, error_code&) { return (stack.push_string(s), true); }

  bool on_number_part(string_view, error_code&) { return true; } // at the end of the text alone

  bool on_int64(std::int64_t i, string_view, error_code&) { return (stack.push_int64(i), true); }

  bool on_uint64(std::uint64_t u, string_view, error_code&) { return (stack.push_uint64(u), true); }

  bool on_double(double about, string_view text, error_code& failure);

  bool on_bool(bool b, error_code&) { return (stack.push_bool(b), true); }

  bool on_null(error_code&) { return (stack.push_null(), true); }

  bool on_comment_part(string_view, error_code&) { return true; }

  bool on_comment(string_view, error_code&) { return true; }

  boost::json::value_stack stack;
};

bool exact_builder::on_double(double about, string_view text, error_code& failure) {
  double exact = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), exact);
  const bool too_small = problem == std::errc::result_out_of_range && std::abs(about) < 1;
  if (too_small)
    exact = 0;
  else if (problem != std::errc{} || end != text.data() + text.size()) {
    // 1e400 is JSON, but no number that could be written again.
    failure = boost::json::error::exponent_overflow;
    return false;
  }
  stack.push_double(exact);
  return true;
}

} // namespace

result<boost::json::object> parse_object(std::string_view text, std::string_view what) {
  boost::json::basic_parser<exact_builder> parser{boost::json::parse_options{}};
  parser.handler().stack.reset();
  error_code failure;
  const auto read = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && read < text.size())
    failure = boost::json::error::extra_data;
  if (failure)
    return make_error(errc::malformed, std::string{what}
                                           + " is not valid JSON: " + failure.message() + " after "
                                           + std::to_string(read) + " bytes");
  auto value = parser.handler().stack.release();
  if (!value.is_object())
    return make_error(errc::malformed, std::string{what} + " is not a JSON object");
  return std::move(value.get_object());
}

std::optional<std::string> text_at(const boost::json::object& o, std::string_view name) {
  const auto* value = o.if_contains(name);
  if (value == nullptr || !value->is_string())
    return std::nullopt;
  return std::string{value->get_string()};
}

std::optional<std::uint64_t> number_at(const boost::json::object& o, std::string_view name) {
  const auto* value = o.if_contains(name);
  if (value == nullptr)
    return std::nullopt;
  if (value->is_uint64())
    return value->get_uint64();
  if (value->is_int64() && value->get_int64() >= 0)
    return static_cast<std::uint64_t>(value->get_int64());
  return std::nullopt;
}

} // namespace feedcast::json
