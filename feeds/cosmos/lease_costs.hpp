#pragma once

#include "core/result.hpp"
#include "feeds/cosmos/resources.hpp"
#include "http/message.hpp"
#include "leases/lease_store.hpp"

#include <atomic>
#include <cstdint>

namespace feedcast::cosmos {

/// Adds up what the calls of a lease container cost. Thread-safe.
class cost_meter {
 public:
  enum class kind : std::uint8_t { read, list, write };

  static kind kind_of(const call& c);

  /// An error has no charge: its answer is not known here.
  void count(kind k, const result<http::response>& r) noexcept;

  lease_costs total() const noexcept;

 private:
  struct tally {
    std::atomic<std::uint64_t> calls{0};
    std::atomic<double> units{0};
  };

  static lease_costs::tally value_of(const tally& t) noexcept;

  tally reads_;
  tally lists_;
  tally writes_;
};

} // namespace feedcast::cosmos
