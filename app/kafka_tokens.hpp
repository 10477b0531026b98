#pragma once

#include "core/result.hpp"
#include "http/runtime.hpp"
#include "settings/service_config.hpp"
#include "sinks/kafka/options.hpp"

#include <string>

namespace feedcast::app {

/// Who issues the tokens that a target's brokers want; nobody without `kafka.oauth`. `target` is
/// for errors and the log. `io` outlives the port and all its copies. `rejected` naming the
/// setting.
result<kafka::token_port> kafka_tokens(const settings::kafka_config& config,
                                       const std::string& target, http::runtime& io);

} // namespace feedcast::app
