#include "sinks/kafka/topic.hpp"

#include "sinks/kafka/producer.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace feedcast::kafka {

namespace {

/// One question to the cluster in probe_topic(); short, so that a refused login ends the waiting
/// early.
constexpr milliseconds one_question{500};

/// Between looks for the report in probe_write().
constexpr milliseconds one_beat{20};

errc action_for(delivery_class c) noexcept {
  switch (c) {
  case delivery_class::auth:
    return errc::unauthorized;
  case delivery_class::acl:
    return errc::forbidden;
  case delivery_class::unknown_topic:
    return errc::not_found;
  default:
    return errc::unavailable;
  }
}

/// The client repeats its nonce in the last step of SCRAM, which brokers took for right until Kafka
/// 4; librdkafka 2.6.1 mends it.
std::string scram_hint(const kafka_options& options) {
  constexpr int mended = 0x020601ff;
  for (const auto* const name : {"sasl.mechanism", "sasl.mechanisms"})
    if (const auto at = options.properties.find(name); at != options.properties.end()
                                                       && at->second.starts_with("SCRAM")
                                                       && rd_kafka_version() < mended)
      return std::string{"; librdkafka "} + rd_kafka_version_str()
             + " can't log in with SCRAM at Kafka 4 or later: use another mechanism, or librdkafka "
               "2.6.1";
  return {};
}

/// A refusal that waiting does not mend.
bool is_final(delivery_class c) noexcept {
  return c == delivery_class::auth || c == delivery_class::acl
         || c == delivery_class::unknown_topic;
}

} // namespace

std::string create_command(const kafka_options& options) {
  auto line = "kafka-topics.sh --bootstrap-server " + options.brokers + " --create --topic "
              + options.topic + " --partitions " + std::to_string(options.new_topic.partitions)
              + " --replication-factor " + std::to_string(options.new_topic.replication);
  for (const auto& [name, value] : options.new_topic.config)
    line.append(" --config ").append(name).append("=").append(value);
  return line;
}

std::string explain(rd_kafka_resp_err_t code, const std::string& text,
                    const kafka_options& options) {
  const auto what = text.empty() ? std::string{rd_kafka_err2str(code)} : text;
  const auto where = "topic " + options.topic + " at " + options.brokers;
  switch (classify(code)) {
  case delivery_class::unknown_topic:
    return where + " does not exist (" + what + "); create it: " + create_command(options);
  case delivery_class::acl:
    return where + ": not authorized (" + what
           + "); grant this client WRITE and DESCRIBE on the topic";
  case delivery_class::auth:
    return options.brokers + ": login refused (" + what
           + "); check security.protocol, ssl.* and sasl.* in kafka.properties"
           + scram_hint(options);
  case delivery_class::timeout:
  case delivery_class::transport:
    if (code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE)
      return where + ": " + what + "; bring its brokers back";
    return options.brokers + ": no broker could be reached (" + what
           + "); check kafka.brokers, the network and security.protocol";
  default:
    return where + ": " + what;
  }
}

std::string explain_unacknowledged(const topic_facts& facts, const kafka_options& options) {
  auto text = "topic " + options.topic + " at " + options.brokers
              + ": messages are not acknowledged within "
              + std::to_string(options.message_timeout.count()) + " ms";
  if (facts.least_in_sync < facts.least_replicas)
    text += "; a partition has " + std::to_string(facts.least_in_sync) + " of "
            + std::to_string(facts.least_replicas)
            + " replicas in sync: bring the others back, or lower min.insync.replicas";
  else
    text += "; its replicas are in sync: are the brokers overloaded, or the network?";
  return text;
}

topic_answer ask_topic(rd_kafka_t& client, rd_kafka_topic_t& topic, milliseconds timeout) {
  const rd_kafka_metadata_t* raw = nullptr;
  topic_answer answer;
  answer.code = rd_kafka_metadata(&client, 0, &topic, &raw, static_cast<int>(timeout.count()));
  const metadata_handle metadata{raw};
  if (answer.code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return answer;
  if (metadata->topic_cnt == 0) {
    answer.code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    return answer;
  }
  const auto& t = metadata->topics[0];
  answer.code = t.err;
  answer.facts.partitions = static_cast<std::uint32_t>(t.partition_cnt);
  for (int i = 0; i < t.partition_cnt; ++i) {
    const auto& p = t.partitions[i];
    const auto replicas = static_cast<std::uint32_t>(p.replica_cnt);
    const auto in_sync = static_cast<std::uint32_t>(p.isr_cnt);
    answer.facts.leaderless += p.leader < 0 ? 1 : 0;
    answer.facts.least_replicas =
        i == 0 ? replicas : std::min(answer.facts.least_replicas, replicas);
    answer.facts.least_in_sync = i == 0 ? in_sync : std::min(answer.facts.least_in_sync, in_sync);
  }
  return answer;
}

result<topic_facts> probe_topic(const kafka_options& options, milliseconds timeout) {
  auto opened = producer::open(options, std::make_shared<waker>());
  if (!opened)
    return opened.error();
  auto& p = **opened;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  producer_events events;
  rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__TRANSPORT;
  std::string text;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left <= milliseconds::zero())
      break;
    const auto answer = p.ask(std::min(left, one_question));
    if (answer.code == RD_KAFKA_RESP_ERR_NO_ERROR)
      return answer.facts;
    events.clear();
    p.drain(events);
    // The client's own errors say why a broker could not be asked; the answer only says that it
    // could not.
    if (is_final(classify(answer.code))) {
      code = answer.code;
      text.clear();
      break;
    }
    for (const auto& e : events.errors)
      if (e.code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || text.empty()) {
        code = e.code;
        text = e.text;
      }
    if (is_final(classify(code)))
      break;
  }
  return make_error(action_for(classify(code)), explain(code, text, options));
}

result<bool> probe_write(const kafka_options& options, std::string_view key, std::string_view value,
                         milliseconds timeout) {
  auto patient = options;
  patient.message_timeout = timeout;
  auto opened = producer::open(patient, std::make_shared<waker>());
  if (!opened)
    return opened.error();
  auto& p = **opened;
  rd_kafka_message_t record{};
  // librdkafka neither writes to nor frees these: no copy and no free flag is given.
  record.payload = const_cast<char*>(value.data());
  record.len = value.size();
  record.key = const_cast<char*>(key.data());
  record.key_len = key.size();
  if (!p.enqueue({&record, 1}))
    return make_error(action_for(classify(record.err)), explain(record.err, {}, options));
  const auto deadline = std::chrono::steady_clock::now() + timeout + one_question;
  producer_events events;
  auto code = RD_KAFKA_RESP_ERR__MSG_TIMED_OUT;
  while (events.reports.empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(one_beat);
    events.errors.clear();
    p.drain(events);
    for (const auto& e : events.errors)
      if (is_final(classify(e.code)))
        return make_error(action_for(classify(e.code)), explain(e.code, e.text, options));
  }
  if (!events.reports.empty())
    code = events.reports.front().code;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return true;
  return make_error(action_for(classify(code)), explain(code, {}, options));
}

} // namespace feedcast::kafka
