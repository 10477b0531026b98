#pragma once

#include "core/clock.hpp"
#include "feeds/couchdb/page_builder.hpp"
#include "feeds/couchdb/row_splitter.hpp"
#include "http/streaming_client.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace feedcast::couchdb {

/// How the changes are asked for.
struct changes_query {
  std::string database;
  std::string since; ///< a sequence, as JSON
  bool follow = false;
  bool documents = false;
  std::uint32_t limit = 0;        ///< of an answer that ends
  std::uint32_t interval = 1;     ///< of rows that name their sequence; of an answer that ends
  milliseconds heartbeat{10'000}; ///< of one that does not
};

/// "/db/_changes?feed=normal&..."
std::string target_of(const changes_query& q);

/// One answer of the feed while it is read.
class open_answer {
 public:
  open_answer(http::body_stream_ptr stream, const changes_query& asked, std::size_t max_row,
              bool secret, steady_time now);

  http::body_stream_ptr stream;
  bool follow = false;
  bool verified = false; ///< it is of the database that the position is of
  std::uint32_t interval = 1;
  steady_time last_byte{};

  /// Where it came to its end, if it has.
  struct end {
    std::string seq; ///< as JSON; empty = none was named
    std::optional<std::uint64_t> pending;
    bool more = false; ///< what follows is to be read at once
  };

  std::optional<end> ended;
  std::optional<error> broken; ///< what came, or did not come, ended it

  void append(std::string_view bytes, steady_time now);

  /// Moves rows into the page until `full(page)`, or until no whole one is left. Sets `ended` or
  /// `broken` when it comes to that.
  template <class Full>
  void take_rows(page_builder& page, steady_time now, Full full) {
    while (!ended && !broken && !full(page) && take_row(page, now)) {
    }
  }

 private:
  bool take_row(page_builder& page, steady_time now);
  void take_end(const row_facts& facts);

  row_splitter splitter_;
  std::uint32_t limit_;
  std::uint32_t rows_ = 0;
};

} // namespace feedcast::couchdb
