#include "emulator/container.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

constexpr std::size_t default_page_items = 1000;
constexpr std::size_t max_page_bytes = std::size_t{4}
                                       << 20; // as the service's own limit on answers
/// Documents that one scan looks at under the lock, whether they are of its range or not.
constexpr std::size_t max_scan_steps = 10'000;

refusal range_gone(std::string_view id) {
  return refuse(410, "partition key range " + std::string(id) + " is gone: read the ranges again",
                substatus::range_gone);
}

} // namespace

answer<const container::range*> container::feed_range(const selection& where) const {
  if (where.range_id) {
    if (const range* found = live_range(*where.range_id))
      return found;
    return range_gone(*where.range_id);
  }
  if (where.epk)
    return &*std::find_if(ranges_.begin(), ranges_.end(), [&](const range& r) {
      return r.live && *where.epk >= r.info.min && *where.epk < r.info.max;
    });
  if (live_.size() > 1)
    return refuse(400, "the container has several partition key ranges: name one in "
                       "x-ms-documentdb-partitionkeyrangeid");
  return &ranges_[live_.front()];
}

answer<feed_page> container::feed(const feed_request& request) const {
  const std::lock_guard lock(mutex_);
  const auto found = feed_range(request.where);
  if (!found)
    return found.error();
  const range& source = **found;
  feed_page page{{}, std::max(request.after, source.info.lsn), source.info.id, source.info.lsn};
  if (request.from_now)
    return page;

  auto at = source.index.after(request.after);
  if (request.modified_since)
    at = std::max(at, source.index.modified_after(*request.modified_since));
  const std::size_t max_items = request.max_items == 0 ? default_page_items : request.max_items;
  const std::int64_t today = now();
  std::size_t bytes = 0;
  for (; at != source.index.end(); ++at) {
    if (!at->version || at->version->expired(today) || !request.where.admits(at->version->epk))
      continue;
    const bool full = page.documents.size() >= max_items || bytes >= max_page_bytes;
    // What was written together shares an LSN; the continuation is an LSN, so a group is never cut.
    if (full && at->lsn != page.documents.back()->lsn)
      break;
    bytes += at->version->feed_text.size();
    page.documents.push_back(at->version);
  }
  if (!page.documents.empty())
    page.continuation = page.documents.back()->lsn;
  return page;
}

answer<scan_page> container::scan(const selection& where, std::optional<scan_cursor> from,
                                  std::size_t max_items) const {
  const std::lock_guard lock(mutex_);
  const range* source = nullptr;
  if (where.range_id) {
    source = live_range(*where.range_id);
    if (source == nullptr)
      return range_gone(*where.range_id);
  }
  scan_page page;
  const std::int64_t today = now();
  for (auto at = by_item_.lower_bound(from ? from->item : 0); at != by_item_.end(); ++at) {
    if (page.documents.size() == max_items || page.looked_at == max_scan_steps) {
      page.next = scan_cursor{at->first};
      break;
    }
    ++page.looked_at;
    const document& d = *at->second;
    if (d.expired(today) || !where.admits(d.epk)
        || (source != nullptr && (d.epk < source->info.min || d.epk >= source->info.max)))
      continue;
    page.documents.push_back(at->second);
  }
  return page;
}

} // namespace feedcast::emulator
