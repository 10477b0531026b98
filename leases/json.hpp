#pragma once

#include "core/result.hpp"

#include <boost/json/object.hpp>

#include <optional>
#include <string>
#include <string_view>

/// Reading small control documents (leases, accounts, ranges). Not for feed pages.
namespace feedcast::json {

/// One JSON object and nothing behind it, its numbers the nearest that a double can hold.
/// `malformed` otherwise, also if a number is beyond the range of doubles; the text names `what`
/// and the offset, never content.
result<boost::json::object> parse_object(std::string_view text, std::string_view what);

/// The string member of that name; nullopt if it is missing, null or of another type.
std::optional<std::string> text_at(const boost::json::object& o, std::string_view name);

/// The non-negative integer member of that name; nullopt otherwise.
std::optional<std::uint64_t> number_at(const boost::json::object& o, std::string_view name);

} // namespace feedcast::json
