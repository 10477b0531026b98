#pragma once

#include "core/clock.hpp"
#include "feeds/couchdb/rows.hpp"
#include "pipeline/feed.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace feedcast::couchdb {

/// The page that is being gathered from rows. Used by one thread at a time.
class page_builder {
 public:
  page_builder(row_options rows, bool secret);

  /// Takes one item of a row_splitter. What ends the answer changes nothing here.
  row_facts add(std::string_view item, steady_time now);

  bool empty() const noexcept { return count_ == 0; }

  std::uint32_t count() const noexcept { return count_; }

  std::size_t bytes() const noexcept { return body_.size(); }

  /// The sequence of the last row that named one, as JSON; empty = none did.
  const std::string& seq() const noexcept { return seq_; }

  /// True if the last row named its sequence: the page may end here.
  bool may_end() const noexcept { return count_ > 0 && unplaced_ == 0; }

  /// When its first row came.
  steady_time begun() const noexcept { return begun_; }

  /// The documents as one body, and begins anew.
  std::shared_ptr<feed_page> finish();
  void clear();

 private:
  row_reader rows_;
  const bool secret_;
  padded_buffer body_;
  std::uint32_t count_ = 0;
  std::uint32_t unplaced_ = 0; ///< rows since the last one that named its sequence
  std::string seq_;
  steady_time begun_{};
};

} // namespace feedcast::couchdb
