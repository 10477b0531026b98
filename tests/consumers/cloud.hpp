#pragma once

#include "emulator/regions.hpp"
#include "emulator/service.hpp"
#include "tests/consumers/names.hpp"
#include "tests/consumers/stage.hpp"
#include "tests/consumers/tally.hpp"

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::consumers {

inline constexpr std::uint16_t global_port = 8081; ///< of the account's own endpoint
inline constexpr std::uint16_t first_port = 8082;  ///< of the first region's; the others follow
inline constexpr std::string_view documents_path = "/dbs/ow/colls/whisks/docs";

/// What a document of the container says; nothing if it is none.
struct stored_document {
  std::uint64_t version = 0;
  bool tombstone = false;
};

std::optional<stored_document> read_document(std::string_view body);

/// A request about one document, as clients with a token send it.
http::request document_request(const std::string& method, const std::string& id);

/// The account: the emulator without sockets, one container, a region for each cluster, four
/// replicas in each. Calls take a while there and back.
///
/// Its lags are those of replicas behind their own region: what a region got when it was cut off
/// reaches all of its replicas within their lag. The emulator stops them where they are instead
/// (docs/adr/0007), so that one would stay behind for as long as the cut lasts; therefore this
/// class takes the lag of a region that stands still away as that time passes.
class cloud {
 public:
  static constexpr std::size_t replica_count = 4;
  /// Both together are less than what a confirmation waits, with room for a few calls.
  static constexpr moment longest_lag = 1'200;
  static constexpr moment usual_delay = 300;

  cloud(stage& time, dice& luck, tally& seen, std::uint32_t ranges);
  cloud(const cloud&) = delete;
  cloud& operator=(const cloud&) = delete;

  /// nullopt = the connection was reset, or nothing came in time.
  using heard = std::function<void(std::optional<http::server_response>)>;

  /// Sends a request that carries its credentials; the answer comes later.
  void call(std::uint16_t port, http::request r, milliseconds patience, heard done);
  /// What a region serves under that id at present: its etag, and what it says.
  std::pair<std::string, std::optional<stored_document>> look_up(std::size_t region,
                                                                 const std::string& id) const;

  std::size_t write_region() const { return account_.write_region(); }

  bool removed(std::size_t region) const { return account_.states()[region].removed; }

  void shuffle_replicas(std::size_t region);
  void hold(std::size_t region);
  void release(std::size_t region);
  /// Further behind than any confirmation waits: what is under way takes longer.
  void slow_down(std::size_t region, moment delay);
  void speed_up(std::size_t region);
  void remove(std::size_t region, bool away);
  void set_outage(std::size_t region, emulator::outage_kind kind);
  bool fail_over(std::size_t to);
  /// No lag and no trouble anywhere.
  void calm();

 private:
  struct region_plan {
    std::vector<milliseconds> lags; ///< while it does not stand still
    moment delay = 0;
    std::uint64_t stands = 0; ///< number of the cut; 0 = it does not stand still
  };

  http::server_response ask(std::uint16_t port, http::request r) const;
  void apply(std::size_t region);
  void stand_still(std::size_t region);

  stage& time_;
  dice& luck_;
  tally& seen_;
  emulator::regions account_;
  emulator::store data_;
  emulator::fault_rules faults_;
  emulator::statistics stats_;
  emulator::throughput units_;
  emulator::shared_state state_;
  std::vector<std::unique_ptr<emulator::service>> services_; ///< the account's, then the regions'
  std::array<region_plan, cluster_count> plans_;
  std::uint64_t cuts_ = 0;
};

/// The body of an answer, wherever it is.
std::string_view body_of(const http::server_response& r);

} // namespace feedcast::consumers
