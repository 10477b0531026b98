#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "settings/service_config.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace feedcast::kafka {

enum class key_mode : std::uint8_t {
  id,      ///< the key that the message carries; an empty one is a null key
  constant ///< always "messages", as the replaced service sends it
};

/// How a missing topic is made: the settings that every OpenWhisk controller uses at boot.
struct topic_settings {
  std::int32_t partitions = 1;
  std::int32_t replication = 1;
  std::map<std::string, std::string> config{{"retention.ms", "300000"},
                                            {"retention.bytes", "1073741824"},
                                            {"segment.bytes", "536870912"}};
};

using secret_map = std::map<std::string, settings::secret>;

/// A token for SASL's OAUTHBEARER. `value` is a secret.
struct bearer_token {
  std::string value;
  wall_time expires;
  std::string principal;               ///< for librdkafka's log only
  std::vector<std::string> extensions; ///< names and values by turns
};

/// Who issues tokens; called on any thread.
struct token_port {
  /// Answers with a token that is good, on any thread; empty = no OAUTHBEARER.
  std::function<void(callback<bearer_token>)> get;
  /// The brokers refused a login: the next token should be another one. May be empty.
  std::function<void()> refused;
};

struct kafka_options {
  std::string name; ///< of the target; part of client.id and of every log line
  std::string brokers;
  std::string topic; ///< prefix included
  key_mode key = key_mode::id;
  std::map<std::string, std::string> properties{}; ///< librdkafka's, as they are
  secret_map secret_properties{};                  ///< the same, never shown
  std::function<secret_map()>
      reload_secrets{}; ///< called before a producer is replaced, so that new credentials
                        ///< are used; empty = the ones above stay
  token_port tokens{};  ///< for logins by OAUTHBEARER
  milliseconds linger{5};
  milliseconds message_timeout{30'000}; ///< then a message is reported `retry`
  std::uint32_t max_queued_messages = 100'000;
  std::uint64_t max_queued_bytes = std::uint64_t{64} << 20U;
  bool create_topic = false;
  bool lsn_header = false; ///< each record carries header `feedcast-lsn`; slower, for audits
  topic_settings new_topic{};
  /// Messages are in flight and nothing was reported for this long: the producer is replaced. Zero
  /// = twice `message_timeout`, at least 20 s (librdkafka reports a timeout up to 5 s late).
  milliseconds stall_after{0};
};

/// The options of the topic for a target's dead letters: the same brokers and rights. If it has to
/// be made, it keeps its records for 30 days.
kafka_options make_dead_letter_options(const std::string& target, std::string topic,
                                       const settings::kafka_config& config,
                                       const settings::tuning_config& tuning);

/// The options of one configured target.
kafka_options make_options(std::string target, const settings::kafka_config& config,
                           const settings::tuning_config& tuning);

} // namespace feedcast::kafka
