#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/resources.hpp"
#include "http/message.hpp"

#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// The call that creates a container fit for leases: partitioned by /id, time to live on (for
/// foreign locks) without a default, and nothing indexed but what always is (id), because leases
/// are rewritten every second.
call create_lease_container(const collection_ref& container, std::uint32_t throughput);

/// Is the existing container fit for leases? `rejected` unless it is partitioned by exactly /id.
/// Warns if time to live is off.
result<bool> check_lease_container(std::string_view description, const collection_ref& container);

/// Says what to do by hand when the container is missing and can't be created because of `refusal`.
error creation_refused(const error& refusal, const collection_ref& container);

/// How long to wait for the lock document of another library that is initialising the leases; zero
/// if the lock is older than anyone would hold it. `answer` is the answer to reading it.
milliseconds wait_for_lock(const http::response& answer, wall_time now);

} // namespace feedcast::cosmos
