#include "sinks/kafka/topic_snapshot.hpp"

#include "sinks/kafka/config.hpp"
#include "sinks/kafka/handles.hpp"
#include "sinks/kafka/read_record.hpp"
#include "sinks/kafka/token_login.hpp"
#include "sinks/kafka/topic.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace feedcast::kafka {

namespace {

constexpr milliseconds one_poll{500};

/// Ends a login before the client that was declared before it goes.
struct login_end {
  token_login* login;

  ~login_end() {
    if (login != nullptr)
      login->end();
  }
};

} // namespace

result<bool> read_snapshot(const kafka_options& options, milliseconds patience,
                           const std::function<void(read_message)>& visit) {
  const auto facts = probe_topic(options, patience);
  if (!facts)
    return facts.error();
  auto conf = make_reader_conf(options);
  if (!conf)
    return conf.error();
  rd_kafka_conf_set_log_cb(conf->get(), forward_log);
  const auto login = token_login::prepare(**conf, options.tokens);
  const auto client = make_client(RD_KAFKA_CONSUMER, std::move(*conf));
  if (!client)
    return client.error();
  const login_end end{login.get()};
  const consumer_session session{**client};
  if (login)
    if (const auto started = token_login::start(**client); !started)
      return started.error();
  const partition_list_handle list{
      rd_kafka_topic_partition_list_new(static_cast<int>(facts->partitions))};
  std::set<std::int32_t> open;
  for (std::int32_t p = 0; p < static_cast<std::int32_t>(facts->partitions); ++p) {
    rd_kafka_topic_partition_list_add(list.get(), options.topic.c_str(), p)->offset =
        RD_KAFKA_OFFSET_BEGINNING;
    open.insert(p);
  }
  if (const auto code = rd_kafka_assign(client->get(), list.get());
      code != RD_KAFKA_RESP_ERR_NO_ERROR)
    return make_error(errc::unavailable, explain(code, {}, options));

  auto last = std::chrono::steady_clock::now();
  std::string trouble = "no answer";
  while (!open.empty()) {
    const message_handle m{
        rd_kafka_consumer_poll(client->get(), static_cast<int>(one_poll.count()))};
    const auto now = std::chrono::steady_clock::now();
    if (m && m->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      visit(copy_record(*m));
    else if (m && m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
      open.erase(m->partition);
    else if (m)
      trouble = rd_kafka_message_errstr(m.get());
    if (m && (m->err == RD_KAFKA_RESP_ERR_NO_ERROR || m->err == RD_KAFKA_RESP_ERR__PARTITION_EOF))
      last = now;
    if (m && classify(m->err) == delivery_class::acl)
      return make_error(errc::forbidden, "topic " + options.topic + " at " + options.brokers + ": "
                                             + trouble + "; grant this client READ on the topic");
    if (now - last > patience)
      return make_error(errc::unavailable, "topic " + options.topic + " at " + options.brokers
                                               + ": its end was not reached (" + trouble + ")");
  }
  return true;
}

} // namespace feedcast::kafka
