#pragma once

#include "core/result.hpp"
#include "settings/service_config.hpp"

#include <boost/json/object.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::app {

/// A dead letter as it was found.
struct found_dead_letter {
  std::string target; ///< whose place it was found in
  std::string where;  ///< "topic dead/0@12" or "file /var/lib/dead:7"
  boost::json::object record;

  /// Text of a member; empty if there is none.
  std::string_view text(std::string_view member) const;
  std::optional<std::uint64_t> number(std::string_view member) const;

  /// The whole cache key; empty if it is not known, or only in part.
  std::string_view key() const;
};

/// A line of a dead letter topic or file; nullopt if it is no dead letter of this version.
std::optional<boost::json::object> parse_dead_letter(std::string_view line);

struct dead_letter_reading {
  std::uint64_t unreadable = 0; ///< lines that are no dead letters
};

/// Calls `visit` for each dead letter in the target's topic or file that is the target's own. A
/// file that does not exist yet is empty.
result<dead_letter_reading> read_dead_letters(const settings::service_config& config,
                                              const std::string& target,
                                              const std::function<void(found_dead_letter)>& visit);

} // namespace feedcast::app
