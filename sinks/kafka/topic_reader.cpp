#include "sinks/kafka/topic_reader.hpp"

#include "sinks/kafka/config.hpp"
#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/read_record.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace feedcast::kafka {

namespace {

/// The most that one poll() returns.
constexpr std::size_t batch_limit = 10'000;

} // namespace

struct topic_reader::impl {
  client_handle client;
  std::string topic;
  bool assigned = false;

  ~impl() {
    if (client)
      rd_kafka_consumer_close(client.get());
  }

  /// Takes all partitions, as soon as the cluster tells which there are.
  bool assign(milliseconds timeout) {
    const topic_handle handle{rd_kafka_topic_new(client.get(), topic.c_str(), nullptr)};
    const rd_kafka_metadata_t* raw = nullptr;
    if (rd_kafka_metadata(client.get(), 0, handle.get(), &raw, static_cast<int>(timeout.count()))
        != RD_KAFKA_RESP_ERR_NO_ERROR)
      return false;
    const metadata_handle metadata{raw};
    if (metadata->topic_cnt == 0 || metadata->topics[0].partition_cnt == 0)
      return false;
    const int partitions = metadata->topics[0].partition_cnt;
    const partition_list_handle list{rd_kafka_topic_partition_list_new(partitions)};
    for (int p = 0; p < partitions; ++p)
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p)->offset =
          RD_KAFKA_OFFSET_BEGINNING;
    return rd_kafka_assign(client.get(), list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
};

result<std::unique_ptr<topic_reader>>
topic_reader::open(const std::string& brokers, const std::string& topic,
                   const std::map<std::string, std::string>& properties) {
  auto all = properties;
  all.emplace("client.id", "feedcast-reader");
  all.emplace("group.id", "feedcast-reader"); // wanted by assign(), never joined
  all.emplace("enable.auto.commit", "false");
  all.emplace("fetch.wait.max.ms", "100");
  all.emplace("fetch.error.backoff.ms", "100");
  auto conf = make_client_conf(brokers, all);
  if (!conf)
    return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), forward_log);
  auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client)
    return client.error();
  rd_kafka_poll_set_consumer(client->get());
  auto p = std::make_unique<impl>();
  p->client = std::move(*client);
  p->topic = topic;
  return std::unique_ptr<topic_reader>{new topic_reader{std::move(p)}};
}

topic_reader::topic_reader(std::unique_ptr<impl> p) : impl_(std::move(p)) {}

topic_reader::~topic_reader() = default;

std::vector<read_message> topic_reader::poll(milliseconds timeout) {
  std::vector<read_message> messages;
  if (!impl_->assigned)
    impl_->assigned = impl_->assign(timeout);
  if (!impl_->assigned)
    return messages;
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (messages.size() < batch_limit) {
    const auto left = messages.empty() ? deadline - std::chrono::steady_clock::now()
                                       : std::chrono::steady_clock::duration::zero();
    const auto wait = std::max(std::chrono::duration_cast<milliseconds>(left), milliseconds{0});
    const message_handle m{
        rd_kafka_consumer_poll(impl_->client.get(), static_cast<int>(wait.count()))};
    if (!m)
      break;
    if (m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      messages.push_back(copy_record(*m));
  }
  return messages;
}

} // namespace feedcast::kafka
