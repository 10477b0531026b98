#pragma once

#include "pipeline/ports.hpp"

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::kafka {

/// What kind of trouble an error code means, for the operator. Spelt as
/// message_sink::condition::error_class.
enum class delivery_class : std::uint8_t {
  none,
  timeout,
  auth,
  acl,
  unknown_topic,
  too_large,
  fatal, ///< the producer is of no use any more
  transport,
  other,
};
std::string_view to_string(delivery_class c) noexcept; ///< "" for none

/// Nothing for a code that the table does not name.
std::optional<delivery_class> find_class(rd_kafka_resp_err_t code) noexcept;
/// The same, with `other` for unnamed codes.
delivery_class classify(rd_kafka_resp_err_t code) noexcept;

/// What a delivery report means for its message. Only "no error" is an acknowledgement. Only a
/// record too large or refused by validation or policy can never be delivered. Everything else,
/// unknown codes included, may pass later.
delivery_outcome outcome_of(rd_kafka_resp_err_t code) noexcept;

} // namespace feedcast::kafka
