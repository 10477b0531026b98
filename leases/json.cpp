#include "leases/json.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/stream_parser.hpp>

namespace feedcast::json {

result<boost::json::object> parse_object(std::string_view text, std::string_view what) {
  boost::json::stream_parser parser;
  boost::json::error_code failure;
  const auto read = parser.write(text.data(), text.size(), failure);
  if (!failure)
    parser.finish(failure);
  if (failure)
    return make_error(errc::malformed, std::string{what}
                                           + " is not valid JSON: " + failure.message() + " after "
                                           + std::to_string(read) + " bytes");
  auto value = parser.release();
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
