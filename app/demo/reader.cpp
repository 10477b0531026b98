#include "app/demo/reader.hpp"

#include "pipeline/openwhisk/message.hpp"

#include <stdexcept>
#include <utility>

namespace feedcast::app {

demo_reader::demo_reader(std::string target, const std::string& brokers, const std::string& topic,
                         ledger& book)
    : target_(std::move(target)), ledger_(book) {
  auto reader = kafka::topic_reader::open(brokers, topic);
  if (!reader)
    throw std::runtime_error(to_string(reader.error()));
  reader_ = std::move(*reader);
  thread_ = std::thread([this] { work(); });
}

demo_reader::~demo_reader() {
  stop_ = true;
  thread_.join();
}

void demo_reader::work() {
  while (!stop_) {
    for (const auto& m : reader_->poll(milliseconds{100})) {
      // The demo's keys need no escaping, so the key lies between head and tail as it is.
      const std::string_view value = m.value;
      const auto frame = openwhisk::message_head.size() + openwhisk::message_tail.size();
      if (!value.starts_with(openwhisk::message_head) || !value.ends_with(openwhisk::message_tail)
          || value.size() <= frame) {
        ++corrupt_;
        continue;
      }
      ledger_.message(
          target_, std::string{value.substr(openwhisk::message_head.size(), value.size() - frame)},
          m.timestamp_ms, std::chrono::system_clock::now());
    }
  }
}

} // namespace feedcast::app
