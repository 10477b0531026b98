#pragma once

#include "feeds/couchdb/changes_feed.hpp"
#include "feeds/couchdb/position.hpp"
#include "feeds/couchdb/server.hpp"
#include "http/runtime.hpp"
#include "tests/couchdb/replay_server.hpp"
#include "tests/couchdb/transcript.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace feedcast::test {

/// What a reader was told over several pages.
struct told {
  std::vector<std::string> changes; ///< ids, in order; of a delete with " deleted" behind it
  continuation end;
  bool replaced = false; ///< a page said that the feed is another one
  bool lost = false;     ///< a page said that deletes may have been lost
};

/// What a page holds, as told::changes.
std::vector<std::string> changes_of(const feed_page& page);

/// The sequence that a recorded request named, and the one that its answer ended with.
std::string since_of(const std::string& exchange);
std::string last_seq_of(const std::string& exchange);
/// The sequences of the rows, in order.
std::vector<std::string> seqs_of(const std::string& exchange);
/// Their ids.
std::vector<std::string> ids_of(const std::string& exchange);

/// The recorded answer of a server, for what is no feed: GET /, GET /db.
inline constexpr const char* created_first = "1795490977";
inline constexpr const char* created_again = "1795491540";

/// A position of the database "feed" at that server, behind `seq` (without quotes).
continuation position_at(const std::string& seq, const std::string& created = created_first);
/// The sequence that a position holds, without quotes.
std::string seq_of(const continuation& c);

/// An answer that ends, made of rows that are JSON texts.
replay ending_answer(const std::vector<std::string>& rows, const std::string& last_seq,
                     const std::string& pending = "0");
/// A heartbeat, and then silence.
replay silent_feed();

/// A reader of the database "feed" at a CouchDB made of recorded bytes.
class feed_facts : public testing::Test {
 protected:
  using options = couchdb::changes_feed_options;

  feed_facts();
  ~feed_facts() override;

  /// GET / and GET /feed are answered, as by a database that was created at that second.
  void exists(const std::string& created = created_first);

  /// Another reader, with the options as they are by now; at another server if one is given.
  void reconnect(couchdb::login_options login = {});
  void reconnect_at(const replay_server& other);

  result<feed_page_ptr> try_fetch(read_position from, std::uint32_t max_items = 1000,
                                  bool peek = false);
  /// A page, or a failed test and an empty one.
  feed_page_ptr fetch(read_position from, std::uint32_t max_items = 1000);
  /// Page by page, until one says that nothing is new.
  told read(read_position from, std::uint32_t max_items = 1000);
  /// Until `changes` are there, through pages that say that nothing is new.
  told read_so_many(read_position from, std::size_t changes, std::uint32_t max_items = 1000);

  static constexpr start_point beginning{start_point::kind::beginning};
  static constexpr start_point now{start_point::kind::now};

  const request_shape normal{"GET", "/feed/_changes", {{"feed", "normal"}}};
  const request_shape live{"GET", "/feed/_changes", {{"feed", "continuous"}}};
  const request_shape info{"GET", "/feed"};
  const request_shape root{"GET", "/"};

  /// Of that kind, from that sequence on.
  static request_shape since(request_shape shape, const std::string& seq);

  http::runtime io_;
  replay_server server_;
  options options_;
  std::shared_ptr<couchdb::server> at_;
  std::unique_ptr<change_source> feed_;
};

} // namespace feedcast::test
