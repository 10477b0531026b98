#pragma once

#include "feeds/cosmos/account.hpp"
#include "tests/support/actor_fixture.hpp"
#include "tests/unit/emulator/test_client.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace feedcast::testing {

/// feedcast's actors, reader and lease store as they are, against the emulator's service, in one
/// thread and under one virtual time. Requests take half of `round_trip` each way. Kafka is a fake
/// that acknowledges at once.
class shared_account {
 public:
  struct options {
    double units = 1000; ///< request units a second that a range serves
    double share = 0.2;
    std::uint32_t ranges = 1;
    std::uint32_t max_items = 500;
    milliseconds round_trip{20};
  };

  explicit shared_account(options o);
  ~shared_account();
  shared_account(const shared_account&) = delete;
  shared_account& operator=(const shared_account&) = delete;

  /// Puts so many documents of some bytes into the container.
  void fill(std::size_t documents, std::size_t bytes);

  void start_feedcast() { world_.start(); }

  /// Lets time pass, a millisecond at a time; `each` is called in every one.
  void pass(milliseconds time, const std::function<void()>& each = {});

  /// Request units that reading cost feedcast so far.
  double units_spent() const;

  const metrics::processor_probe& probe() const { return world_.probe; }

  emulator::testing::test_client emulated{{"West Europe"},
                                          std::uint64_t{1} << 30}; ///< container openwhisk/whisks

 private:
  class wire;

  void at(milliseconds from_now, std::function<void()> what);
  std::shared_ptr<cosmos::account> open_account();

  const options options_;
  emulator::service service_{emulated.state};
  std::multimap<milliseconds, std::function<void()>> events_;
  milliseconds now_{0};
  actor_world world_;
  std::shared_ptr<cosmos::account> account_;
};

} // namespace feedcast::testing
