#pragma once

#include "feeds/couchdb/changes_feed.hpp"

namespace feedcast::couchdb {

/// How much lies behind a position, by a question of its own (`limit=0`), so that an open answer is
/// left as it is. The page has no changes and the position that was asked.
void look_ahead(const std::shared_ptr<server>& from, const changes_feed_options& options,
                const change_source::fetch_request& request, callback<feed_page_ptr> done);

} // namespace feedcast::couchdb
