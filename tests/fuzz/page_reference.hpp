#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::fuzz {

/// What one document of a page says, by the reference.
struct reference_change {
  std::string id;
  std::string cluster_id;
  std::uint64_t lsn = 0;
  std::int64_t ts = 0;
  bool deleted = false;
  std::vector<std::pair<std::string, std::string>> elements; ///< name and uuid of each namespace
  bool doubtful = false;                                     ///< of `elements`
};

struct reference_page {
  std::vector<reference_change> changes;
  std::vector<std::string> unusable; ///< "no_id@3"
};

/// True if the text is JSON by Boost.JSON's strict rules.
bool is_json(std::string_view text);

/// Reads a feed page slowly and plainly; `text` must be JSON. nullopt if it is no page that may be
/// used: no object, no list of documents, or another number of them than announced.
std::optional<reference_page> read_page_slowly(std::string_view text);

/// A message's main id; nullopt if the message is not exactly what an invalidation has to be.
std::optional<std::string> main_id_of(std::string_view message);

} // namespace feedcast::fuzz
