#pragma once

#include "core/result.hpp"
#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/options.hpp"

#include <map>
#include <string>

namespace feedcast::kafka {

/// A librdkafka configuration for producing. `rejected` with librdkafka's own words for a property
/// it does not take, and for properties that are ours to decide (acks, timeouts that have a setting
/// of their own). Values of secret properties are never part of the text.
result<conf_handle> make_producer_conf(const kafka_options& options);

/// The same for plain clients that only need brokers and security: readers.
result<conf_handle> make_client_conf(const std::string& brokers,
                                     const std::map<std::string, std::string>& properties);

/// A configuration for reading the topic to its end, with the rights that producing has.
result<conf_handle> make_reader_conf(const kafka_options& options);

/// Creates the client; takes the configuration. `rejected` with librdkafka's words: it checks
/// combinations, files and libraries only here.
result<client_handle> make_client(rd_kafka_type_t type, conf_handle conf);

} // namespace feedcast::kafka
