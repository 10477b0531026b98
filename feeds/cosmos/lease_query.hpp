#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/resources.hpp"
#include "http/message.hpp"

#include <boost/json/object.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::cosmos {

/// How a request gets to the account that holds the leases: its write region, see account::send.
/// What it answers after the asker's end is up to it.
using call_sender = std::function<void(call, callback<http::response>)>;

/// The query of the official processors: all documents whose ids begin with a text.
std::string starts_with_query(std::string_view beginning);

/// Appends the documents of one page of a query's answer. `malformed` if it is none.
result<bool> append_documents(std::string_view page, std::vector<boost::json::object>& out);

struct document_list {
  std::vector<boost::json::object> documents;
  std::optional<wall_time> answered; ///< the server's clock when it answered the first page
};

/// All documents of the container whose ids begin with `beginning`, in pages. `malformed` if an
/// answer is no list of documents, or never ends.
void query_documents(const call_sender& send, const collection_ref& container,
                     std::string_view beginning, callback<document_list> done);

/// What the ids of a feed's leases are made of.
struct feed_names {
  std::string database;
  std::string collection;
  std::string database_rid;
  std::string collection_rid;
};

/// Reads the `_rid`s of the feed's database and collection.
void read_feed_names(const call_sender& send, const collection_ref& feed,
                     callback<feed_names> done);

} // namespace feedcast::cosmos
