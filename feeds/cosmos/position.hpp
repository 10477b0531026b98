#pragma once

#include "core/result.hpp"
#include "pipeline/feed.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// What is stored as the continuation of a range. Most are nothing but the service's etag, and are
/// written as such; what else has to be known to go on from it makes the text a JSON object:
/// {"at":"\"123\"","home":"\"100\"","homeSince":1767225600,"writer":"West US","since":1767225600}
struct position {
  std::string at; ///< the service's etag, verbatim
  /// Set while another region than the target's own is read: where its own was left.
  std::optional<read_position> home;
  /// The account's write region that `at` was read under; empty = the account had one region.
  std::string writer;
  /// When the account last said so, to the minute; for `home` the same of the moment when it was
  /// left.
  wall_time since{};
  wall_time home_since{};

  bool plain() const noexcept { return !home && writer.empty(); }
};

/// Any text that is no such object is an etag. `malformed` for an object that is none of ours.
result<position> parse_position(std::string_view token);

std::string to_token(const position& p);

/// As members of a document: `home` as text, "" without one.
std::string home_text(const position& p);
result<read_position> parse_home(std::string_view text);

/// From where one page is asked, by which region, and what the answer's etag becomes.
struct read_place {
  bool home = true;   ///< the target's own region, or none is its own
  std::string writer; ///< the account's write region; empty = there is only one region
  wall_time seen{};   ///< when the account's document said so
};

struct read_plan {
  read_position ask;         ///< what the service is asked for: a plain etag, or a start
  position next;             ///< of the answer, but for `at`
  bool home_is_from = false; ///< a start from now: its answer is where home was left
  rewind_reason rewound = rewind_reason::none;
};

/// The rules of regions:
///  - The home region is left: its position is remembered. What follows is read elsewhere.
///  - It is back: it is read from the remembered position, and what was sent meanwhile is sent
///    again, for a cache may have refilled from the home region before that had the change.
///  - The write region has changed: writes may have been lost, their LSNs used again. The range is
///    read from `rewind` before the last moment when the former one was known to be in charge.
/// `malformed` for a continuation that can't be read.
result<read_plan> plan_read(const read_position& from, const read_place& place,
                            milliseconds rewind);

/// The token behind a page that came with this etag.
std::string next_token(const read_plan& plan, std::string_view etag);

} // namespace feedcast::cosmos
