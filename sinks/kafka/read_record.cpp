#include "sinks/kafka/read_record.hpp"

#include "sinks/kafka/log_bridge.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace feedcast::kafka {

namespace {

std::optional<std::uint64_t> lsn_of(const rd_kafka_message_t& m) {
  rd_kafka_headers_t* headers = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  if (rd_kafka_message_headers(&m, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR
      || rd_kafka_header_get_last(headers, "feedcast-lsn", &value, &size)
             != RD_KAFKA_RESP_ERR_NO_ERROR)
    return std::nullopt;
  const auto* const text = static_cast<const char*>(value);
  std::uint64_t lsn = 0;
  if (const auto [end, e] = std::from_chars(text, text + size, lsn);
      e != std::errc{} || end != text + size)
    return std::nullopt;
  return lsn;
}

} // namespace

read_message copy_record(const rd_kafka_message_t& m) {
  return {.key = m.key != nullptr ? std::string(static_cast<const char*>(m.key), m.key_len) : "",
          .value =
              m.payload != nullptr ? std::string(static_cast<const char*>(m.payload), m.len) : "",
          .timestamp_ms = rd_kafka_message_timestamp(&m, nullptr),
          .partition = m.partition,
          .offset = m.offset,
          .lsn = lsn_of(m)};
}

void forward_log(const rd_kafka_t* client, int severity, const char* facility, const char* text) {
  log_from_librdkafka(rd_kafka_name(client), severity, facility, text);
}

} // namespace feedcast::kafka
