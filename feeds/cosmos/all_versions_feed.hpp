#pragma once

#include "core/clock.hpp"
#include "feeds/cosmos/bridge_position.hpp"
#include "feeds/cosmos/change_feed.hpp"

#include <functional>
#include <memory>

namespace feedcast::cosmos {

struct all_versions_options {
  change_feed_options feed;
  /// Where all versions have no position to begin from, the latest versions are read from so long
  /// before on.
  milliseconds overlap{3'600'000};
  const clock_source* clock = &system_clock_source(); ///< outlives the feed
};

/// One collection in mode all-versions: hard deletes and expiries are changes, too. It hides that
/// all versions can be read from "now" or from an own continuation only:
///  - a start, or a position of latest versions, first becomes "now" (N) in all versions; then the
///    latest versions are read from where the start or position says, until an answer that came
///    after N was taken says that nothing is left; then all versions from N on.
///  - a position that is older than what the database keeps (400, while "now" is answered) is given
///    up: `feed_page::lost` says for which time deletes are lost; then the same from the time of
///    the lost position less the overlap on.
/// Positions are those of bridge_position.hpp. One fetch makes up to three requests. Otherwise as
/// change_feed.
class all_versions_feed final : public change_source {
 public:
  all_versions_feed(std::shared_ptr<account> from, collection_ref collection,
                    all_versions_options options = {});

  void ranges(callback<std::vector<feed_range>> done) override;
  void fetch(fetch_request request, callback<feed_page_ptr> done) override;
  void throughput(callback<feed_throughput> done) override;
  /// Asks for "now" of the first range, too: that is refused where former versions are not kept.
  void describe(callback<feed_traits> done) override;

 private:
  struct asking;
  using asking_ptr = std::shared_ptr<asking>;
  using page_ptr = std::shared_ptr<feed_page>;

  void ask(const asking_ptr& a, settings::feed_mode mode, read_position from,
           std::function<void(result<page_ptr>)> then);
  void begin(const asking_ptr& a, const start_point& from);
  void take_now(const asking_ptr& a, std::function<void(page_ptr)> then);
  void read_latest(const asking_ptr& a);
  void read_all(const asking_ptr& a);
  void give_up_position(const asking_ptr& a, const error& why);
  void ask_for_all(const std::string& range_id, callback<feed_traits> done, feed_traits traits);
  wall_time time_of(const feed_page& page) const;
  error refused(error e) const;

  const collection_ref collection_;
  const all_versions_options options_;
  change_feed feed_; ///< last, so that no answer comes once the others are gone
};

} // namespace feedcast::cosmos
