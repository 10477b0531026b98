#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/couchdb/documents.hpp"
#include "feeds/couchdb/lease_record.hpp"

#include <functional>
#include <mutex>
#include <string>

namespace feedcast::couchdb {

/// The document under which one instance makes the first leases, while the others wait. Nobody
/// removes it but its owner, so one that is older than a minute is taken over. Part of a
/// lease_database, whose documents let no answer through after its end. Thread-safe.
class lease_turn {
 public:
  /// `in` outlives it. `now` is the server's clock.
  lease_turn(documents& in, std::function<wall_time()> now);

  /// Zero if it is ours now, else how long to wait. One that we took is known again, also if the
  /// answer was lost.
  void take(const std::string& id, callback<milliseconds> done);
  /// True if it was ours.
  void give_back(const std::string& id, callback<bool> done);

 private:
  void create(const std::string& id, bool again, const callback<milliseconds>& done);
  void examine(const std::string& id, bool again, const callback<milliseconds>& done);
  void take_over(const std::string& id, const std::string& revision,
                 const callback<milliseconds>& done);
  void remember(const std::string& revision);

  documents& in_;
  const std::function<wall_time()> now_;
  const std::string mark_; ///< tells our lock from others'

  std::mutex mutex_;     ///< guards what follows
  std::string revision_; ///< of our lock; empty = we have none
};

} // namespace feedcast::couchdb
