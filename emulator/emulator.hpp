#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "emulator/access.hpp"
#include "emulator/fault_rules.hpp"
#include "emulator/regions.hpp"
#include "emulator/script.hpp"
#include "emulator/statistics.hpp"
#include "emulator/store.hpp"
#include "http/runtime.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::emulator {

/// The key that every emulator of the service has. Public knowledge.
inline constexpr std::string_view well_known_key =
    "C2y6yDjf5/R+ob0N8A7Cgv30VRDJIWEHLM+4QDU5DE2nQ9nDuVTqobD4b8mGGyPMbIZnqyMsEcaGQy67XIw/Jw==";

/// A region and where it listens.
struct region_wish {
  std::string name;
  std::string listen; ///< host:port; empty = beside the account's own endpoint
};

struct emulator_options {
  std::string listen = "127.0.0.1:8081"; ///< port 0 = any free one
  bool tls = false;
  std::string certificate_file;    ///< PEM; empty with tls = a self-signed one is made
  std::string key_file;            ///< PEM
  std::string key{well_known_key}; ///< account key, base64
  std::uint64_t max_memory = std::uint64_t{2} << 30; ///< bytes of documents
  std::uint32_t default_ranges = 1; ///< of containers whose creation names no number
  /// None = one without an endpoint of its own. The first takes the writes.
  std::vector<region_wish> regions;
  access_rules access;
  std::vector<script_step> script; ///< what happens by itself, from the start on
  double units = 0;                ///< request units a second for each range; 0 = no limit
  std::uint32_t seed = 0;          ///< of the resource ids; 0 = from the time of the start
  /// How long the versions of a container without a changeFeedPolicy are kept; seconds, 0 = not at
  /// all.
  std::int64_t change_retention = default_change_retention;
  std::int64_t start_time_step = 1;    ///< seconds that start times of feeds are rounded down to
  std::string ledger_file;             ///< record of all writes, see ledger; empty = none
  const clock_source* clock = nullptr; ///< outlives the emulator; null = the machine's
};

/// A Cosmos DB account for NoSQL on loopback: databases, containers, documents, the change feed in
/// both modes, the queries that lease libraries send, and faults on demand. Everything is in
/// memory and gone afterwards. Owned by whoever starts it; all members are thread-safe.
class emulator {
 public:
  /// Listens when it returns. `rejected` for a bad key, number of ranges, step, certificate or
  /// ledger, `unavailable` if the address is taken. `io` outlives the emulator.
  static result<std::unique_ptr<emulator>> start(http::runtime& io, emulator_options options);
  ~emulator();
  emulator(const emulator&) = delete;
  emulator& operator=(const emulator&) = delete;

  std::string url() const;                          ///< "http://127.0.0.1:8081"
  std::string region_url(std::size_t region) const; ///< of an account of several
  const regions& account() const noexcept;
  const std::string& key() const noexcept;             ///< account key, base64
  const std::string& certificate_pem() const noexcept; ///< of all endpoints; empty without TLS
  store& data() noexcept;
  fault_rules& faults() noexcept;
  const statistics& stats() const noexcept;

  /// Makes a container with `defaultTtl` -1, and its database if it is missing. Its offer is what
  /// its ranges serve, 10,000 RU/s each without a limit. `conflict` if the container exists,
  /// `rejected` for a bad name, path or number of ranges (0 = the default).
  result<container_ptr> create_container(std::string_view database, std::string_view name,
                                         std::uint32_t ranges = 0,
                                         std::string_view key_path = "/id");

 private:
  struct impl;
  explicit emulator(std::unique_ptr<impl> p);
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast::emulator
