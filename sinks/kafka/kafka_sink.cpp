#include "sinks/kafka/kafka_sink.hpp"

#include "sinks/kafka/sink_impl.hpp"

#include <utility>

namespace feedcast::kafka {

result<std::unique_ptr<kafka_sink>> kafka_sink::open(kafka_options options,
                                                     const clock_source& clock) {
  auto p = std::make_unique<impl>(std::move(options), clock);
  if (auto opened = p->open_first(); !opened)
    return opened.error();
  return std::unique_ptr<kafka_sink>{new kafka_sink{std::move(p)}};
}

kafka_sink::kafka_sink(std::unique_ptr<impl> p) : impl_(std::move(p)) {}

kafka_sink::~kafka_sink() = default;

void kafka_sink::on_ready(std::function<void()> wake) {
  impl_->on_ready(std::move(wake));
}

std::size_t kafka_sink::produce(std::span<const outgoing_message> messages) {
  return impl_->produce(messages);
}

void kafka_sink::poll(std::vector<delivery_report>& reports) {
  impl_->poll(reports);
}

message_sink::condition kafka_sink::state() const {
  return impl_->state();
}

} // namespace feedcast::kafka
