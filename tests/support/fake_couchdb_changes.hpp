#pragma once

#include "http/runtime.hpp"
#include "tests/couchdb/replay_server.hpp"
#include "tests/support/fake_couchdb.hpp"

#include <string>

namespace feedcast::testing {

/// A fake_couchdb with a changes feed, as of 3.5: `feed=normal` with `limit`, `seq_interval` and
/// `pending`, `feed=continuous` with heartbeats and a blank line before each row that ends a
/// silence, `include_docs`. Sequences are texts that name their database: another one's is taken
/// for the beginning, what is no sequence is refused. A database that goes ends its feeds.
/// Thread-safe.
class fake_couchdb_changes {
 public:
  /// `io` outlives it.
  explicit fake_couchdb_changes(http::runtime& io);

  std::string url() const { return front_.url(); }

 private:
  test::replay answer(const test::heard_request& r);
  test::replay feed(const test::heard_request& r, const std::string& database) const;
  test::replay ending(const test::heard_request& r, const fake_couchdb::changes& all,
                      std::uint64_t since) const;
  test::replay endless(const test::heard_request& r, const std::string& database,
                       const fake_couchdb::changes& all, std::uint64_t since) const;

  fake_couchdb documents_;
  test::replay_server front_; ///< ends first
};

} // namespace feedcast::testing
