#pragma once

#include "feeds/couchdb/server.hpp"
#include "pipeline/ports.hpp"

#include <memory>
#include <string>

namespace feedcast::couchdb {

struct changes_feed_options {
  std::string database;
  bool documents = false; ///< rows come with their documents: for kinds, stamps and subjects
  bool secret = false;    ///< documents hold credentials: pages are overwritten when they are freed
  std::string stamp;      ///< the member that names the writer's cluster; empty = there is none
  milliseconds deadline{30'000}; ///< of one answer, but for the feed that stays open
  /// Of that feed. A server may also keep its head back for so long while nothing is new.
  milliseconds heartbeat{10'000};
  milliseconds silence{0}; ///< without a byte it is ended; 0 = three heartbeats
  milliseconds hold{
      1'000}; ///< for how long a fetch waits for changes before it says that there are none
  milliseconds gather{20}; ///< changes that come within this time after one are in its page
  std::size_t max_bytes = std::size_t{32} << 20U; ///< of one row, and of one page
};

/// The changes of one database as a change_source with one range. What lies far behind is read by
/// answers that end (`feed=normal`), then one answer without end is followed (`feed=continuous`).
/// Both are read as they stream; while nobody fetches, nothing is read. See position.hpp for what a
/// continuation holds.
/// Beyond the port: a fetch that goes on where the last page ended goes on in the open answer, any
/// other begins a new one. A database that is not the one that a position is of is read from its
/// beginning, and the page says so.
class changes_feed final : public change_source {
 public:
  changes_feed(std::shared_ptr<server> from, changes_feed_options options,
               const clock_source& clock = system_clock_source());
  ~changes_feed() override;
  changes_feed(const changes_feed&) = delete;
  changes_feed& operator=(const changes_feed&) = delete;

  void ranges(callback<std::vector<feed_range>> done) override;
  void fetch(fetch_request request, callback<feed_page_ptr> done) override;
  void describe(callback<feed_traits> done) override;

 private:
  struct impl;
  std::shared_ptr<impl> impl_;
};

} // namespace feedcast::couchdb
