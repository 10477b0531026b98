#pragma once

#include "sinks/kafka/options.hpp"
#include "sinks/kafka/topic_reader.hpp"

#include <functional>

namespace feedcast::kafka {

/// Reads what the topic holds by now, from the earliest record of each partition to its end, with
/// the target's own rights; joins no group and commits nothing. Calls `visit` for each record, in
/// order within a partition. Blocks; gives up when nothing came for `patience`. Errors: as
/// probe_topic, or `unavailable` if the end was not reached.
result<bool> read_snapshot(const kafka_options& options, milliseconds patience,
                           const std::function<void(read_message)>& visit);

} // namespace feedcast::kafka
