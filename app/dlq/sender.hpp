#pragma once

#include "core/clock.hpp"
#include "pipeline/ports.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace feedcast::app {

/// A key to invalidate once more.
struct resend {
  std::string key;
  std::uint64_t lsn = 0; ///< newest that it stands for; 0 = unknown
};

/// What became of the keys handed to send_invalidations(), by their places.
struct sent_invalidations {
  std::vector<std::size_t> acknowledged;
  std::vector<std::size_t> refused; ///< the broker will never take them
  std::vector<std::size_t> open;    ///< not acknowledged in time
};

/// Produces the invalidation of each key and waits until each is reported on, producing again what
/// the sink wants to have again, at most until `deadline`. Blocks.
sent_invalidations send_invalidations(std::unique_ptr<message_sink> sink,
                                      const std::vector<resend>& keys, milliseconds deadline);

} // namespace feedcast::app
