#pragma once

#include "core/result.hpp"
#include "sinks/kafka/delivery_errors.hpp"
#include "sinks/kafka/options.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast::kafka {

struct topic_facts {
  std::uint32_t partitions = 0;
  std::uint32_t leaderless = 0;     ///< partitions that nobody can write to at the moment
  std::uint32_t least_replicas = 0; ///< of the partition that has fewest
  std::uint32_t least_in_sync = 0;  ///< likewise
};

/// How to make the topic by hand: a line for the shell.
std::string create_command(const kafka_options& options);

/// What an error of this code means for somebody who has to mend it: what, where, how.
std::string explain(rd_kafka_resp_err_t code, const std::string& text,
                    const kafka_options& options);

/// Why messages are not acknowledged in time though the cluster answers and has the topic.
std::string explain_unacknowledged(const topic_facts& facts, const kafka_options& options);

struct topic_answer {
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR;
  topic_facts facts{};
};

/// Asks the cluster for the topic. Blocks up to `timeout`; thread-safe as the client is.
topic_answer ask_topic(rd_kafka_t& client, rd_kafka_topic_t& topic, milliseconds timeout);

/// Produces one record and waits until all in-sync replicas have it. Blocks up to `timeout`. Errors
/// as probe_topic() has them; `forbidden` also if only the right to write is missing.
result<bool> probe_write(const kafka_options& options, std::string_view key, std::string_view value,
                         milliseconds timeout);

/// Tries everything but producing, for `check --connect`: reaches the brokers, logs in, looks at
/// the topic. Blocks up to `timeout`. Errors: `rejected` (options), `unavailable` (no broker
/// answered, with the last reason), `unauthorized` (TLS or SASL), `forbidden` (no right to see the
/// topic), `not_found` (with the command that creates it).
result<topic_facts> probe_topic(const kafka_options& options, milliseconds timeout);

} // namespace feedcast::kafka
