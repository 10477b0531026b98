#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "feeds/cosmos/resources.hpp"
#include "pipeline/feed.hpp"

#include <string_view>

namespace feedcast::cosmos {

/// What one partition key range of a serverless container may serve, request units a second.
inline constexpr double serverless_units = 5'000;

/// Of the answer to a query for one offer: its throughput in request units a second, of autoscale
/// the most that it scales to; zero if there is no such offer.
result<double> read_offer(std::string_view body);

/// What the service provides for a container: by its own offer, else by its database's, which all
/// containers of the database share; serverless accounts have neither. Reads the container, its
/// ranges and one or two offers; none of these costs request units. `forbidden` or `unauthorized`
/// for credentials that see no offers: resource tokens and Azure AD. `send` must not answer after
/// its owner is gone.
void read_throughput(collection_ref container, call_sender send, callback<feed_throughput> done);

} // namespace feedcast::cosmos
