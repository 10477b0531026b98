#pragma once

#include "core/result.hpp"
#include "pipeline/change.hpp"
#include "pipeline/feed.hpp"

#include <memory>

namespace feedcast {

/// Reads the changes of a feed page, touching only the fields that matter. Keeps its buffers from
/// page to page, so that a warm decoder allocates nothing. Used by one thread at a time.
class page_decoder {
 public:
  struct options {
    bool subjects = false; ///< collect the namespaces of subjects; repaired copies are wiped
    bool uuids = false;    ///< and their uuids
  };

  explicit page_decoder(options o);
  ~page_decoder();
  page_decoder(page_decoder&&) noexcept;
  page_decoder& operator=(page_decoder&&) noexcept;

  /// All changes of the page, or `malformed` if the page as a whole can't be trusted (cut short,
  /// not JSON, something behind its end, other document count than announced): nothing of it may
  /// then be used. A broken document does not fail its page: it is listed as unusable, or delivered
  /// as `repaired` if its id is sound. Invalid UTF-8 and raw control characters, which fail the
  /// fast parser for the whole page, are replaced in a copy. The result lives until the next call.
  result<const decoded_page*> decode(const feed_page& page);

  /// How many documents at the beginning of a malformed page can be walked: a guess at where the
  /// culprit is. Invalidates the last result.
  std::uint32_t walk(const feed_page& page);

  /// The last resort for a page of one that stays malformed: every string that follows an `"id"`
  /// member anywhere in it becomes a change, for one invalidation too many is harmless and one too
  /// few is not. See pipeline/salvage.hpp.
  const decoded_page& salvage(const feed_page& page);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace feedcast
