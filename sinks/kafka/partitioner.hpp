#pragma once

#include "sinks/kafka/handles.hpp"

namespace feedcast::kafka {

/// Makes producers of `conf` choose the partition by the key, as they do by themselves, but pass
/// over partitions that have no leader. Who reads invalidations reads all partitions, in any order,
/// so that one dead broker need not hold up what has no replica elsewhere.
void choose_live_partitions(rd_kafka_conf_t& conf);

} // namespace feedcast::kafka
