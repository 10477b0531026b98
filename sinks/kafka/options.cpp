#include "sinks/kafka/options.hpp"

#include <utility>

namespace feedcast::kafka {

kafka_options make_options(std::string target, const settings::kafka_config& config,
                           const settings::tuning_config& tuning) {
  kafka_options o;
  o.name = std::move(target);
  o.brokers = config.brokers;
  o.topic = config.topic_prefix + config.topic;
  o.key = config.key == "constant" ? key_mode::constant : key_mode::id;
  o.properties = config.properties;
  o.secret_properties = config.secret_properties;
  o.linger = tuning.produce.linger;
  o.message_timeout = tuning.produce.message_timeout;
  o.create_topic = config.create_topic;
  o.lsn_header = config.lsn_header;
  return o;
}

kafka_options make_dead_letter_options(const std::string& target, std::string topic,
                                       const settings::kafka_config& config,
                                       const settings::tuning_config& tuning) {
  auto o = make_options(target + "-dead-letters", config, tuning);
  o.topic = std::move(topic);
  o.key = key_mode::id;
  o.lsn_header = false;
  o.properties.erase("message.max.bytes"); // a limit for invalidations must not hold these up
  o.new_topic.config = {{"retention.ms", "2592000000"}};
  return o;
}

} // namespace feedcast::kafka
