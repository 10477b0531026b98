#pragma once

#include "feeds/cosmos/credential.hpp"
#include "feeds/cosmos/resources.hpp"

#include <atomic>
#include <cstdint>

namespace feedcast::cosmos {

/// Turns calls into authorized requests, and knows how far this machine's clock is off.
/// Thread-safe.
class signer {
 public:
  /// `clock` outlives the signer.
  explicit signer(const clock_source& clock) : clock_{clock} {}

  /// The request with all headers that every call carries: version, date, authorization, agent, a
  /// fresh activity id.
  http::request sign(const call& c, const proof& by) const;

  /// Looks at a refusal (401, 403): true if the service's clock and ours differ so much that this
  /// may be why, in which case the difference is used from now on and the call is worth signing
  /// again. Warns the first time.
  bool learn_clock(const http::response& refusal);

  /// The service's clock minus ours, as far as it mattered; zero until a refusal taught otherwise.
  milliseconds clock_offset() const noexcept { return milliseconds{offset_.load()}; }

 private:
  const clock_source& clock_;
  std::atomic<std::int64_t> offset_{0};
  std::atomic<bool> warned_{false};
};

} // namespace feedcast::cosmos
