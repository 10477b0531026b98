#pragma once

#include "feeds/cosmos/account.hpp"
#include "pipeline/ports.hpp"
#include "settings/service_config.hpp"

#include <memory>

namespace feedcast::cosmos {

struct change_feed_options {
  milliseconds deadline{30'000}; ///< of one request
  /// After the write region has changed: how far before it was last seen to read again.
  milliseconds failover_rewind{15 * 60'000};
  bool secret = false; ///< documents hold credentials: pages are overwritten when they are freed
};

/// The change feed of one collection, one request per page, read in the target's region as
/// position.hpp says; as a change_source in latest-version mode.
/// What `fetch` promises beyond the port: etags are sent and returned verbatim, quotes included;
/// `now` is answered by the position it stands for (`unchanged` at first); times are
/// taken 10 s early, because the service compares whole seconds and excludes the one named; the
/// session token of a range's last answer goes with its next request, so that another replica can't
/// show an older state (`session_behind` instead). Keys are asked of the range that has them by the
/// last list of ranges; when that range is gone, one new list is read before `gone` is answered.
/// `rejected` if the collection was deleted and
/// created again under its name while this source was in use.
class change_feed final : public change_source {
 public:
  change_feed(std::shared_ptr<account> from, collection_ref collection,
              change_feed_options options = {});
  ~change_feed() override;
  change_feed(const change_feed&) = delete;
  change_feed& operator=(const change_feed&) = delete;

  void ranges(callback<std::vector<feed_range>> done) override;
  void fetch(fetch_request request, callback<feed_page_ptr> done) override;
  void throughput(callback<feed_throughput> done) override;
  void describe(callback<feed_traits> done) override;

  /// The same in either mode: both share the sessions. All versions are told from now or from a
  /// continuation on, and come in envelopes.
  void fetch(fetch_request request, settings::feed_mode mode, callback<feed_page_ptr> done);

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::cosmos
