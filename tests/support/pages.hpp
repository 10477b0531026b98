#pragma once

#include "pipeline/feed.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::testing {

/// A feed answer around the given documents (JSON texts), as Cosmos DB writes it.
inline std::string page_text(const std::vector<std::string>& documents) {
  std::string text = R"({"_rid":"d9RzAJRFKgw=","Documents":[)";
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (i > 0)
      text += ',';
    text += documents[i];
  }
  text += R"(],"_count":)" + std::to_string(documents.size()) + "}";
  return text;
}

inline feed_page make_page(std::string_view text, std::string next = "\"7\"") {
  feed_page page;
  page.body.append(text);
  page.next = continuation{std::move(next)};
  return page;
}

/// An OpenWhisk action as the feed shows it.
inline std::string action(std::string_view id, std::string_view cluster, std::uint64_t lsn = 1,
                          std::string_view kind = "action") {
  std::string doc = R"({"name":"x","exec":{"kind":"nodejs:20","code":"{\"id\":1}"},"id":")";
  doc += id;
  doc += R"(","entityType":")";
  doc += kind;
  if (!cluster.empty()) {
    doc += R"(","_clusterId":")";
    doc += cluster;
  }
  doc += R"(","_ts":1767225600,"_lsn":)" + std::to_string(lsn) + "}";
  return doc;
}

} // namespace feedcast::testing
