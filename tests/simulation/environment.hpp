#pragma once

#include "leases/keeper.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/model_feed.hpp"
#include "tests/simulation/model_store.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/time.hpp"

#include <memory>
#include <vector>

namespace feedcast::simulation {

/// What all hosts live in. The world owns it; it outlives them.
struct environment {
  timeline time;
  model_feed feed;
  judge court;
  weather everywhere;
  std::vector<std::unique_ptr<model_store>> stores; ///< one per processor
  configured_start start;
  moment tick = 400; ///< between looks at the clock
  moment expiry = 60'000;
  bool trace = false; ///< print every call of a host

  environment(std::size_t ranges, std::size_t processors, configured_start s, lease_form span_form)
      : feed{ranges}, court{time, feed, processors, s}, start{s} {
    for (std::size_t p = 0; p < processors; ++p)
      stores.push_back(std::make_unique<model_store>(p, court, span_form));
  }
};

} // namespace feedcast::simulation
