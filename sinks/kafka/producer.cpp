#include "sinks/kafka/producer.hpp"

#include "sinks/kafka/config.hpp"
#include "sinks/kafka/log_bridge.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace feedcast::kafka {

namespace {

constexpr std::size_t error_text_size = 512;

/// How long the controller may take to create a topic, and how long we wait for it.
constexpr int create_timeout_ms = 5000;

void wake_up(rd_kafka_t* /*client*/, void* opaque) {
  (*static_cast<waker*>(opaque))();
}

} // namespace

void producer_events::clear() {
  reports.clear();
  errors.clear();
  topic_creations.clear();
}

result<std::unique_ptr<producer>> producer::open(const kafka_options& options,
                                                 std::shared_ptr<waker> wake) {
  auto conf = make_producer_conf(options);
  if (!conf)
    return conf.error();
  rd_kafka_conf_set_events(conf->get(),
                           RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG);
  auto login = token_login::prepare(**conf, options.tokens);
  auto client = make_client(RD_KAFKA_PRODUCER, std::move(*conf));
  if (!client)
    return client.error();
  queue_handle queue{rd_kafka_queue_get_main(client->get())};
  rd_kafka_set_log_queue(client->get(), nullptr); // the main queue
  topic_handle topic{rd_kafka_topic_new(client->get(), options.topic.c_str(), nullptr)};
  if (!topic)
    return make_error(errc::rejected, "kafka.topic \"" + options.topic
                                          + "\": " + rd_kafka_err2str(rd_kafka_last_error()));
  std::unique_ptr<producer> p{new producer{std::move(login), std::move(*client), std::move(topic),
                                           std::move(queue), std::move(wake)}};
  rd_kafka_queue_cb_event_enable(p->queue_.get(), wake_up, p->wake_.get());
  if (p->login_)
    if (const auto started = token_login::start(*p->client_); !started)
      return started.error();
  return p;
}

producer::producer(std::unique_ptr<token_login> login, client_handle client, topic_handle topic,
                   queue_handle queue, std::shared_ptr<waker> wake)
    : wake_(std::move(wake))
    , login_(std::move(login))
    , client_(std::move(client))
    , topic_(std::move(topic))
    , queue_(std::move(queue)) {}

producer::~producer() {
  abandon();
  if (login_)
    login_->end();
}

void producer::purge_queue() noexcept {
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

void producer::abandon() noexcept {
  rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr);
  rd_kafka_purge(client_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
                                    | RD_KAFKA_PURGE_F_NON_BLOCKING);
}

bool producer::enqueue(std::span<rd_kafka_message_t> messages) {
  const auto count = static_cast<int>(messages.size());
  return rd_kafka_produce_batch(topic_.get(), RD_KAFKA_PARTITION_UA, 0, messages.data(), count)
         == count;
}

bool producer::enqueue(rd_kafka_message_t& message, std::uint64_t lsn) {
  std::array<char, 20> text{};
  const auto* const end = std::to_chars(text.data(), text.data() + text.size(), lsn).ptr;
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic_.get();
  parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
  parts[1].u.i32 = RD_KAFKA_PARTITION_UA;
  parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[2].u.mem = {message.payload, message.len};
  parts[3].vtype = RD_KAFKA_VTYPE_KEY;
  parts[3].u.mem = {message.key, message.key_len};
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[4].u.ptr = message._private;
  // Headers of our own: those that librdkafka makes by itself (RD_KAFKA_VTYPE_HEADER) it frees
  // twice if it refuses the message for want of a partition (librdkafka #4627).
  headers_handle headers{rd_kafka_headers_new(1)};
  rd_kafka_header_add(headers.get(), "feedcast-lsn", -1, text.data(), end - text.data());
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = headers.get();
  const std::unique_ptr<rd_kafka_error_t, destroy_with<rd_kafka_error_destroy>> refused{
      rd_kafka_produceva(client_.get(), parts.data(), parts.size())};
  message.err = refused ? rd_kafka_error_code(refused.get()) : RD_KAFKA_RESP_ERR_NO_ERROR;
  if (refused)
    return false;
  (void)headers.release(); // the message's now
  return true;
}

void producer::drain(producer_events& events) {
  // The wake-up is edge-triggered: whatever is left would wait for the next one.
  while (event_handle event{rd_kafka_queue_poll(queue_.get(), 0)})
    take(*event, events);
}

void producer::take(rd_kafka_event_t& event, producer_events& events) const {
  switch (rd_kafka_event_type(&event)) {
  case RD_KAFKA_EVENT_DR:
    while (const auto* m = rd_kafka_event_message_next(&event))
      events.reports.push_back({m->_private, m->err});
    break;
  case RD_KAFKA_EVENT_ERROR:
    events.errors.push_back({rd_kafka_event_error(&event), rd_kafka_event_error_string(&event),
                             rd_kafka_event_error_is_fatal(&event) != 0});
    break;
  case RD_KAFKA_EVENT_LOG: {
    const char* facility = nullptr;
    const char* text = nullptr;
    int severity = 0;
    if (rd_kafka_event_log(&event, &facility, &text, &severity) == 0)
      log_from_librdkafka(rd_kafka_name(client_.get()), severity, facility, text);
    break;
  }
  case RD_KAFKA_EVENT_CREATETOPICS_RESULT: {
    auto code = rd_kafka_event_error(&event);
    const char* text = rd_kafka_event_error_string(&event);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      std::size_t count = 0;
      const auto* const* topics =
          rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(&event), &count);
      if (count > 0) {
        code = rd_kafka_topic_result_error(topics[0]);
        text = rd_kafka_topic_result_error_string(topics[0]);
      }
    }
    if (code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
      code = RD_KAFKA_RESP_ERR_NO_ERROR;
    events.topic_creations.push_back({code, text != nullptr ? text : "", false});
    break;
  }
  default:
    break;
  }
}

std::string producer::fatal_reason() const {
  std::array<char, error_text_size> text{};
  const auto code = rd_kafka_fatal_error(client_.get(), text.data(), text.size());
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR)
    return {};
  return std::string{rd_kafka_err2name(code)} + ": " + text.data();
}

void producer::create_topic(const kafka_options& options) {
  std::array<char, error_text_size> text{};
  const new_topic_handle wanted{
      rd_kafka_NewTopic_new(options.topic.c_str(), options.new_topic.partitions,
                            options.new_topic.replication, text.data(), text.size())};
  if (!wanted)
    return;
  for (const auto& [name, value] : options.new_topic.config)
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());
  const std::unique_ptr<rd_kafka_AdminOptions_t, destroy_with<rd_kafka_AdminOptions_destroy>> how{
      rd_kafka_AdminOptions_new(client_.get(), RD_KAFKA_ADMIN_OP_CREATETOPICS)};
  rd_kafka_AdminOptions_set_request_timeout(how.get(), create_timeout_ms, text.data(), text.size());
  rd_kafka_AdminOptions_set_operation_timeout(how.get(), create_timeout_ms, text.data(),
                                              text.size());
  auto* topics = wanted.get();
  rd_kafka_CreateTopics(client_.get(), &topics, 1, how.get(), queue_.get());
}

} // namespace feedcast::kafka
