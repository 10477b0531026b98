#pragma once

#include "tests/simulation/environment.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::simulation {

/// Reads the pages of one range for one processor and tells its target, with several pages in
/// flight whose acknowledgements come in any order.
class partition {
 public:
  partition(environment& world, network& net, std::size_t processor, const lease& l,
            const range_start& from);

  struct news {
    std::optional<std::string> settled; ///< all before this position is settled
    bool gone = false;                  ///< the range is no more, nothing is in flight
  };

  /// What time has brought. `reading`: new pages may be asked for.
  news step(bool reading);

  bool idle() const noexcept { return pages_.empty(); }

  moment last_ack() const noexcept { return last_ack_; }

 private:
  struct page {
    std::int64_t position;
    std::vector<std::uint32_t> changes;
    moment acked_at;
    bool acked = false;
  };

  void read();

  environment& world_;
  network& net_;
  const std::size_t processor_;
  const bounds keys_;
  std::optional<std::string> range_;
  moment since_;
  std::int64_t read_;
  std::int64_t settled_;
  std::deque<page> pages_;
  moment next_read_ = 0;
  moment last_ack_ = 0;
  bool gone_ = false;
  bool gone_said_ = false;
};

} // namespace feedcast::simulation
