#pragma once

#include "emulator/access.hpp"
#include "emulator/container.hpp"
#include "emulator/fault_rules.hpp"
#include "emulator/read_view.hpp"
#include "emulator/regions.hpp"
#include "emulator/statistics.hpp"
#include "emulator/store.hpp"
#include "emulator/throughput.hpp"
#include "http/router.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// What all requests share. Every member is thread-safe or constant.
struct shared_state {
  store& data;
  fault_rules& faults;
  statistics& stats;
  throughput& units;
  regions& account;
  const clock_source& clock;
  std::string key;                  ///< raw bytes of the account key
  std::uint32_t default_ranges = 1; ///< of containers whose creation names no number
  bool tls = false;
  std::int64_t start_time_step = 1; ///< seconds that start times are rounded down to
  access_rules access = {};
};

/// One request on its way through the routes; lives as long as the call of its handler.
struct call {
  shared_state& state;
  const http::server_request& request;
  const http::path_arguments& arguments;
  std::optional<std::size_t> region = {}; ///< whose endpoint it is; nothing = the account's own
  read_view view = {};                    ///< of documents

  std::string_view header(std::string_view name) const noexcept {
    return request.message.headers.get(name);
  }

  bool has_header(std::string_view name) const noexcept {
    return request.message.headers.has(name);
  }

  /// Clients write `True` and `true`.
  bool flag(std::string_view name) const noexcept { return http::iequals(header(name), "true"); }

  std::string_view body() const noexcept { return request.message.body; }
};

/// A container found by the path of a request.
struct addressed_container {
  container_ptr data;
  bool by_resource_id = false;
};

/// By `/dbs/{}/colls/{}`: names or resource ids. 404/1003 if there is none.
answer<addressed_container> find_container(const call& c);
/// By `/dbs/{}`.
answer<database_info> find_database(const call& c);

/// By `/dbs/{}/colls/{}/docs/{}`. A name needs the partition key header, else 400; a resource id
/// does not.
answer<document_ref> find_document(const call& c, const addressed_container& owner);

/// EPK of the partition key header; nothing if there is none; 400 if it can't be read.
answer<std::optional<std::string>> partition_key(const call& c);

/// Range id, partition key and EPK bounds as the headers give them. The id may carry the container:
/// "{rid},0".
answer<selection> read_selection(const call& c);

/// The range id header without the container; empty if there is none.
std::string_view range_id(const call& c) noexcept;

/// x-ms-max-item-count; 0 if it is absent or -1; 400 if it is no number.
answer<std::size_t> max_item_count(const call& c);

} // namespace feedcast::emulator
