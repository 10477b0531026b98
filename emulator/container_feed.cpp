#include "emulator/container.hpp"

#include <algorithm>

namespace feedcast::emulator {

refusal container::range_gone(std::string_view id) const {
  const range* found = range_by_id(id);
  if (found != nullptr && clock_.steady() < found->completing_until)
    return refuse(410,
                  "the split or merge of partition key range " + std::string(id)
                      + " is being completed: read the ranges again",
                  substatus::completing_split);
  return refuse(410, "partition key range " + std::string(id) + " is gone: read the ranges again",
                substatus::range_gone);
}

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
  if (request.mode == feed_mode::all_versions)
    return all_versions(request, source);
  if (request.where.up_to)
    return past_feed(source, request);
  feed_page page{{}, {}, std::max(request.after, source.info.lsn), source.info.id, source.info.lsn};
  if (request.from_now)
    return page;

  auto at = source.index.after(request.after);
  if (request.modified_since)
    at = std::max(at, source.index.modified_after(*request.modified_since));
  const std::size_t max_items = request.max_items == 0 ? default_feed_items : request.max_items;
  const std::int64_t today = now();
  std::size_t bytes = 0;
  page.documents.reserve(std::min(max_items, static_cast<std::size_t>(source.index.end() - at)));
  for (; at != source.index.end(); ++at) {
    source.index.prefetch(at);
    if (!at->version || expired(*at->version, today) || !request.where.admits(at->version->epk))
      continue;
    const bool full = page.documents.size() >= max_items || bytes >= max_feed_bytes;
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
  if (where.range_id && live_range(*where.range_id) == nullptr)
    return range_gone(*where.range_id);
  auto number = live_.begin();
  if (from) {
    number = std::find(live_.begin(), live_.end(), from->range);
    if (number == live_.end())
      return range_gone(std::to_string(from->range));
  }

  if (where.up_to)
    return past_scan(where, from, max_items);
  scan_page page;
  const std::int64_t today = now();
  for (; number != live_.end(); ++number) {
    const range& source = ranges_[*number];
    if (where.range_id && source.info.id != *where.range_id)
      continue;
    const std::uint64_t after = from && from->range == *number ? from->lsn : 0;
    for (auto at = source.index.after(after); at != source.index.end(); ++at) {
      if (!at->version || at->version->raw || expired(*at->version, today)
          || !where.admits(at->version->epk))
        continue;
      if (page.documents.size() == max_items) {
        page.next = scan_cursor{*number, at->lsn - 1};
        return page;
      }
      page.documents.push_back(at->version);
    }
  }
  return page;
}

} // namespace feedcast::emulator
