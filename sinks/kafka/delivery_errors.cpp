#include "sinks/kafka/delivery_errors.hpp"

#include <algorithm>
#include <array>

namespace feedcast::kafka {

namespace {

struct entry {
  rd_kafka_resp_err_t code;
  delivery_class what;
};

// One line for every code that librdkafka 2.0.2 knows, grouped by class, so that a new code is seen
// to be missing (a test walks through librdkafka's own list) instead of quietly falling into
// `other`.
// clang-format off
constexpr std::array table{
    entry{RD_KAFKA_RESP_ERR_NO_ERROR, delivery_class::none},
    entry{RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, delivery_class::timeout},
    entry{RD_KAFKA_RESP_ERR__TIMED_OUT, delivery_class::timeout},
    entry{RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, delivery_class::timeout},
    entry{RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, delivery_class::timeout},
    entry{RD_KAFKA_RESP_ERR__SSL, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR__AUTHENTICATION, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_SECURITY_DISABLED, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTH_DISABLED, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_NOT_FOUND, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_OWNER_MISMATCH, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_REQUEST_NOT_ALLOWED, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_EXPIRED, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_INVALID_PRINCIPAL_TYPE, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_UNACCEPTABLE_CREDENTIAL, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_PRINCIPAL_DESERIALIZATION_FAILURE, delivery_class::auth},
    entry{RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, delivery_class::acl},
    entry{RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, delivery_class::acl},
    entry{RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, delivery_class::acl},
    entry{RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, delivery_class::acl},
    entry{RD_KAFKA_RESP_ERR_DELEGATION_TOKEN_AUTHORIZATION_FAILED, delivery_class::acl},
    entry{RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, delivery_class::unknown_topic},
    entry{RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, delivery_class::unknown_topic},
    entry{RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, delivery_class::unknown_topic},
    entry{RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE, delivery_class::too_large},
    entry{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, delivery_class::too_large},
    entry{RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE, delivery_class::too_large},
    entry{RD_KAFKA_RESP_ERR__FATAL, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR__FENCED, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_DUPLICATE_SEQUENCE_NUMBER, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_INVALID_PRODUCER_ID_MAPPING, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR_PRODUCER_FENCED, delivery_class::fatal},
    entry{RD_KAFKA_RESP_ERR__BAD_MSG, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__DESTROY, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__TRANSPORT, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__RESOLVE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__ISR_INSUFF, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__NODE_UPDATE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__UNKNOWN_BROKER, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_STALE_CTRL_EPOCH, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_NOT_CONTROLLER, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_LOG_DIR_NOT_FOUND, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_REASSIGNMENT_IN_PROGRESS, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_LISTENER_NOT_FOUND, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_STALE_BROKER_EPOCH, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_PREFERRED_LEADER_NOT_AVAILABLE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR_ELIGIBLE_LEADERS_NOT_AVAILABLE, delivery_class::transport},
    entry{RD_KAFKA_RESP_ERR__BAD_COMPRESSION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__FAIL, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__PARTITION_EOF, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__FS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__INVALID_ARG, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__QUEUE_FULL, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__WAIT_COORD, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__UNKNOWN_GROUP, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__IN_PROGRESS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__PREV_IN_PROGRESS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__EXISTING_SUBSCRIPTION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__CONFLICT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__STATE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__UNKNOWN_PROTOCOL, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__NO_OFFSET, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__OUTDATED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__WAIT_CACHE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__INTR, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__KEY_SERIALIZATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__VALUE_SERIALIZATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__KEY_DESERIALIZATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__VALUE_DESERIALIZATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__PARTIAL, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__READ_ONLY, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__NOENT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__UNDERFLOW, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__INVALID_TYPE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__RETRY, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__PURGE_QUEUE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__INCONSISTENT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__MAX_POLL_EXCEEDED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__NOT_CONFIGURED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__APPLICATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__NOOP, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNKNOWN, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_MSG, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_NOT_COORDINATOR, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INCONSISTENT_GROUP_PROTOCOL, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_GROUP_ID, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_SESSION_TIMEOUT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_PARTITIONS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_REPLICATION_FACTOR, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_REPLICA_ASSIGNMENT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_CONFIG, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_REQUEST, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_POLICY_VIOLATION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_TRANSACTION_COORDINATOR_FENCED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_OPERATION_NOT_ATTEMPTED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_NON_EMPTY_GROUP, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_FETCH_SESSION_ID_NOT_FOUND, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_FETCH_SESSION_EPOCH, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_TOPIC_DELETION_DISABLED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_MEMBER_ID_REQUIRED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_GROUP_MAX_SIZE_REACHED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_ELECTION_NOT_NEEDED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_NO_REASSIGNMENT_IN_PROGRESS, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_GROUP_SUBSCRIBED_TO_TOPIC, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_RECORD, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_UNSTABLE_OFFSET_COMMIT, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_RESOURCE_NOT_FOUND, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_DUPLICATE_RESOURCE, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INCONSISTENT_VOTER_SET, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_INVALID_UPDATE_VERSION, delivery_class::other},
    entry{RD_KAFKA_RESP_ERR_FEATURE_UPDATE_FAILED, delivery_class::other},
};
// clang-format on

} // namespace

std::string_view to_string(delivery_class c) noexcept {
  switch (c) {
  case delivery_class::none:
    return "";
  case delivery_class::timeout:
    return "timeout";
  case delivery_class::auth:
    return "auth";
  case delivery_class::acl:
    return "acl";
  case delivery_class::unknown_topic:
    return "unknown_topic";
  case delivery_class::too_large:
    return "too_large";
  case delivery_class::fatal:
    return "fatal";
  case delivery_class::transport:
    return "transport";
  case delivery_class::other:
    break;
  }
  return "other";
}

std::optional<delivery_class> find_class(rd_kafka_resp_err_t code) noexcept {
  const auto* const known =
      std::find_if(table.begin(), table.end(), [code](const entry& e) { return e.code == code; });
  if (known == table.end())
    return std::nullopt;
  return known->what;
}

delivery_class classify(rd_kafka_resp_err_t code) noexcept {
  return find_class(code).value_or(delivery_class::other);
}

delivery_outcome outcome_of(rd_kafka_resp_err_t code) noexcept {
  switch (code) {
  case RD_KAFKA_RESP_ERR_NO_ERROR:
    return delivery_outcome::acknowledged;
  case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
  case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
  case RD_KAFKA_RESP_ERR_INVALID_RECORD:
  case RD_KAFKA_RESP_ERR_POLICY_VIOLATION:
    return delivery_outcome::undeliverable;
  default:
    return delivery_outcome::retry;
  }
}

} // namespace feedcast::kafka
