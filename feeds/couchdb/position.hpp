#pragma once

#include "feeds/couchdb/database.hpp"
#include "pipeline/feed.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace feedcast::couchdb {

/// What a continuation of this kind of feed holds: a sequence, which is opaque, never compared and
/// given back as it came, and which database it is of, without which it means nothing:
///     {"seq":"12-g1AAA...","created":"1732420000","server":"85fb71bf..."}
struct position {
  std::string seq; ///< as JSON: a text, or a number of older servers
  database_identity of;
};

continuation to_continuation(const position& p);
/// nullopt: it is none of ours.
std::optional<position> read_position_of(const continuation& c);

/// The beginning of any database.
inline constexpr std::string_view first_seq = "0";

/// How a sequence is written into a query: "since=" + this.
std::string seq_in_query(std::string_view seq);

} // namespace feedcast::couchdb
