#pragma once

#include <string_view>

/// Names of the service's own header fields.
namespace feedcast::emulator::header {

inline constexpr std::string_view activity_id = "x-ms-activity-id";
inline constexpr std::string_view alt_content_path = "x-ms-alt-content-path";
inline constexpr std::string_view content_path = "x-ms-content-path";
inline constexpr std::string_view continuation = "x-ms-continuation";
inline constexpr std::string_view cross_partition = "x-ms-documentdb-query-enablecrosspartition";
inline constexpr std::string_view end_epk = "x-ms-end-epk";
inline constexpr std::string_view feedcast_ranges =
    "x-feedcast-ranges"; ///< our own: ranges of a new container
inline constexpr std::string_view gateway_version = "x-ms-gatewayversion";
inline constexpr std::string_view autoscale = "x-ms-cosmos-offer-autopilot-settings";
inline constexpr std::string_view is_batch = "x-ms-cosmos-is-batch-request";
inline constexpr std::string_view is_query = "x-ms-documentdb-isquery";
inline constexpr std::string_view is_query_plan = "x-ms-cosmos-is-query-plan-request";
inline constexpr std::string_view is_upsert = "x-ms-documentdb-is-upsert";
inline constexpr std::string_view item_count = "x-ms-item-count";
inline constexpr std::string_view last_state_change = "x-ms-last-state-change-utc";
inline constexpr std::string_view lsn = "lsn";
inline constexpr std::string_view max_item_count = "x-ms-max-item-count";
inline constexpr std::string_view min_throughput = "x-ms-cosmos-min-throughput";
inline constexpr std::string_view offer_replace_pending = "x-ms-offer-replace-pending";
inline constexpr std::string_view offer_throughput = "x-ms-offer-throughput";
inline constexpr std::string_view partition_key = "x-ms-documentdb-partitionkey";
inline constexpr std::string_view range_id = "x-ms-documentdb-partitionkeyrangeid";
inline constexpr std::string_view request_charge = "x-ms-request-charge";
inline constexpr std::string_view resource_quota = "x-ms-resource-quota";
inline constexpr std::string_view resource_usage = "x-ms-resource-usage";
inline constexpr std::string_view retry_after = "x-ms-retry-after-ms";
inline constexpr std::string_view schema_version = "x-ms-schemaversion";
inline constexpr std::string_view service_version = "x-ms-serviceversion";
inline constexpr std::string_view session_token = "x-ms-session-token";
inline constexpr std::string_view start_epk = "x-ms-start-epk";
inline constexpr std::string_view sub_status = "x-ms-substatus";
inline constexpr std::string_view supported_features = "x-ms-cosmos-supported-query-features";
inline constexpr std::string_view wire_format = "x-ms-cosmos-changefeed-wire-format-version";

} // namespace feedcast::emulator::header
