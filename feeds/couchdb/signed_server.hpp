#pragma once

#include "feeds/couchdb/server.hpp"
#include "feeds/couchdb/wire.hpp"
#include "http/url.hpp"

#include <memory>

namespace feedcast::couchdb {

/// What server::open makes, over any wire. `clock` outlives it.
std::shared_ptr<server> make_server(server_options options, const http::origin& at,
                                    std::unique_ptr<wire> over, const clock_source& clock);

} // namespace feedcast::couchdb
