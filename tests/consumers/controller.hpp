#pragma once

#include "tests/consumers/cloud.hpp"
#include "tests/consumers/journal.hpp"
#include "tests/consumers/topic.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace feedcast::consumers {

/// What all controllers of a run have in common.
struct common {
  bool tombstones = true;     ///< deletes are soft
  std::uint64_t versions = 0; ///< of documents, counted over all writers
  /// The newest version of each key that a writer has heard of; for tallies only.
  std::map<std::string, std::uint64_t> newest{};
};

/// One controller of OpenWhisk: its cache, its reads and writes, and its reader of the cluster's
/// topic, as OpenWhisk's MultipleReadersSingleWriterCache and RemoteCacheInvalidation have them:
/// - an entry lives for five minutes since its last access;
/// - a read or write on its way has its entry in the map; a removal detaches it, so that what comes
///   in later is not cached;
/// - a message of another instance removes its key; the offset is committed before that;
/// - reads have no session token and go to the first preferred region that serves them.
class controller {
 public:
  controller(stage& time, dice& luck, tally& seen, journal& notes, cloud& far, topic& cluster_topic,
             common& shared, std::size_t cluster, std::size_t number);
  controller(const controller&) = delete;
  controller& operator=(const controller&) = delete;

  /// Through the cache.
  void read(const std::string& key);
  /// Creates the document or writes a new version of it.
  void write(const std::string& key);
  void remove(const std::string& key);
  /// The cache is gone, and what was polled and not handled; offsets are not.
  void restart();

  struct cached {
    std::string etag;
    std::uint64_t version = 0;
  };

  /// What its cache would answer at present; looking is no access.
  std::map<std::string, cached> cache() const;

  bool read_everything() const noexcept {
    return offset_ == topic_.records().size() && handling_ == 0;
  }

  bool at_home() const noexcept { return region_ == cluster_; }

  std::size_t cluster() const noexcept { return cluster_; }

  const std::string& name() const noexcept { return name_; }

  std::int64_t loses_write_answers = 0; ///< permille

 private:
  struct entry {
    enum class state : std::uint8_t { reading, writing, cached };
    state is = state::reading;
    cached value{};
    moment last_access = 0;
  };

  using entry_ptr = std::shared_ptr<entry>;

  /// An answer as far as controllers look at it; status 0: none came.
  struct answer {
    unsigned status = 0;
    std::string etag;
    std::optional<stored_document> document;
  };

  using then = std::function<void(answer)>;

  void fetch(const std::string& key, std::size_t tries, then done);
  void on_fetched(const std::string& key, const entry_ptr& e, const answer& a);
  void send_write(const std::string& method, const std::string& key, std::uint64_t version,
                  bool tombstone, const std::string& if_match, then done);
  void create(const std::string& key, const entry_ptr& e);
  void on_written(const std::string& key, const entry_ptr& e, std::uint64_t version,
                  const answer& a);
  void on_removed(const std::string& key, const answer& a);
  void choose_region();
  void forget(const std::string& key, const entry_ptr& e);
  void announce(const std::string& key);
  void poll();
  void handle(const record& r);

  stage& time_;
  dice& luck_;
  tally& seen_;
  journal& notes_;
  cloud& far_;
  topic& topic_;
  common& shared_;
  const std::size_t cluster_;
  const std::string instance_; ///< "controller0"
  const std::string name_;     ///< "eu1/controller0"
  std::map<std::string, entry_ptr> cache_;
  std::size_t region_; ///< where it reads
  moment choose_again_ = 0;
  std::size_t offset_ = 0;   ///< committed
  std::size_t handling_ = 0; ///< polls whose records are not handled yet
  bool polling_ = false;
  std::uint64_t life_ = 0;
};

/// "guest/a1" -> "guest|a1"
std::string document_id(std::string key);

} // namespace feedcast::consumers
