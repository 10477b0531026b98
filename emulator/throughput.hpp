#pragma once

#include "core/clock.hpp"

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace feedcast::emulator {

/// How much each partition key range of a container may serve.
struct throughput_limit {
  double units = 0;      ///< request units a second; 0 = no limit
  double competitor = 0; ///< share of them that another client uses up, 0 to 0.99
};

/// Who serves a request and is paid for it.
struct unit_payee {
  std::string_view container; ///< name
  std::string_view path;      ///< of the container
  std::string_view range;
  std::string_view region;
};

/// What became of the requests of one range in one region.
struct throughput_figures {
  std::string container; ///< path
  std::string range;
  std::string region;
  throughput_limit limit;
  std::uint64_t served = 0;
  std::uint64_t throttled = 0;
  double charged = 0; ///< request units of what was served
  double eaten = 0;   ///< request units of the competitor
};

/// Request units by range and region, spent and refilled: each has a bucket that holds one second's
/// worth. A request is served as long as anything is in it and pays afterwards, so a large one
/// leaves a debt behind, as in the service. Thread-safe.
class throughput {
 public:
  /// `clock` outlives it.
  explicit throughput(const clock_source& clock) : clock_(clock) {}

  /// Of the container of that name, in whatever database; of all that have none of their own if
  /// `container` is empty. Buckets start anew, full.
  void limit(std::string_view container, throughput_limit wanted);

  /// False if nothing is limited, so that the rest need not be asked.
  bool any() const noexcept { return any_.load(std::memory_order_relaxed); }

  /// Nothing if the request may be served, else how long its sender should wait.
  std::optional<milliseconds> refuse_for(const unit_payee& payee);
  void charge(const unit_payee& payee, double units);

  std::vector<throughput_figures> figures() const;

 private:
  struct bucket {
    throughput_figures figures;
    double balance = 0;
    steady_time filled;
  };

  using bucket_key = std::tuple<std::string, std::string, std::string>;

  static bucket_key key_of(const unit_payee& payee);
  void refill(bucket& b) const;

  const clock_source& clock_;
  std::atomic<bool> any_{false};
  mutable std::mutex mutex_;
  std::map<std::string, throughput_limit, std::less<>> limits_; ///< by name; "" = the others
  std::map<bucket_key, bucket> buckets_;                        ///< by path, range and region
};

} // namespace feedcast::emulator
