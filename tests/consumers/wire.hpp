#pragma once

#include "feeds/cosmos/transport.hpp"
#include "tests/consumers/cloud.hpp"
#include "tests/consumers/journal.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace feedcast::consumers {

/// How the network and the service treat feedcast's requests; permille each.
struct feed_mood {
  std::int64_t lost = 0; ///< no answer comes
  std::int64_t throttled = 0;
  std::int64_t unavailable = 0;
  std::int64_t reset = 0;
  std::int64_t cut = 0; ///< a page that ends too early

  bool operator==(const feed_mood&) const = default;
};

/// The way from one target's feedcast to the account, with its faults.
class wire {
 public:
  wire(stage& time, dice& luck, tally& seen, journal& notes, cloud& far, std::size_t home)
      : time_(time), luck_(luck), seen_(seen), notes_(notes), far_(far), home_(home) {}

  wire(const wire&) = delete;
  wire& operator=(const wire&) = delete;

  feed_mood mood;

  /// When a question was asked whose answer was that nothing has changed, by region: the last one
  /// that was told.
  std::optional<moment> nothing_new(std::size_t region, const std::string& range) const;

  /// What an account is opened with. The wire outlives what it makes.
  cosmos::transport_factory transports();

 private:
  class line;

  void send(std::uint16_t port, http::request r, milliseconds deadline,
            callback<http::response> done);
  result<http::response> translate(std::optional<http::server_response> given);

  /// A question about the feed that was answered.
  struct question {
    std::size_t region = 0;
    std::string range;
    std::string after;
    moment asked = 0;
  };

  std::size_t region_of(std::uint16_t port) const;
  void look_at(const question& q, const result<http::response>& r);

  stage& time_;
  dice& luck_;
  tally& seen_;
  journal& notes_;
  cloud& far_;
  const std::size_t home_;
  std::map<std::pair<std::size_t, std::string>, moment> nothing_new_;
};

} // namespace feedcast::consumers
