#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::kafka {

struct read_message {
  std::string key; ///< empty for a null key
  std::string value;
  std::int64_t timestamp_ms = 0; ///< record timestamp, Unix time; -1 if it has none
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::optional<std::uint64_t> lsn; ///< of header `feedcast-lsn`, if there is one
};

/// Reads all partitions of a topic from the earliest offset; joins no group and commits nothing.
/// For the demo and for tests. Used by one thread.
class topic_reader {
 public:
  /// `rejected` for properties that librdkafka does not take. The cluster need not be there yet,
  /// nor the topic.
  static result<std::unique_ptr<topic_reader>>
  open(const std::string& brokers, const std::string& topic,
       const std::map<std::string, std::string>& properties = {});
  ~topic_reader();

  /// What has come in, waiting up to `timeout` for the first message. Empty if there is none, or
  /// while the cluster can't be reached: librdkafka goes on trying by itself.
  std::vector<read_message> poll(milliseconds timeout);

 private:
  struct impl;
  explicit topic_reader(std::unique_ptr<impl> p);
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::kafka
