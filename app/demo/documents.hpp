#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace feedcast::app {

/// One write of the demo: an OpenWhisk-shaped document, stamped by one of two clusters.
struct demo_document {
  bool subject = false; ///< goes to `subjects`, else to `whisks`
  std::string id;       ///< as stored
  std::string key;      ///< the cache key that its invalidation names
  std::string cluster;
  std::string body; ///< about 1 KB of JSON
};

/// Makes creations, updates and tombstones of actions, packages, triggers and rules, and now and
/// then a subject. The cluster of a key never changes. The same seed gives the same documents. Used
/// by one thread.
class document_maker {
 public:
  document_maker(std::string cluster_a, std::string cluster_b, std::uint32_t seed);
  demo_document next();

 private:
  demo_document make_subject();
  demo_document make_entity();

  std::string clusters_[2];
  std::mt19937 random_;
  std::uint64_t created_ = 0;
  std::uint64_t changed_ = 0;
  std::uint64_t subjects_ = 0;
};

} // namespace feedcast::app
