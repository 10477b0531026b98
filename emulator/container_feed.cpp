#include "emulator/container.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

/// Documents that one scan looks at under the lock, whether they are of its range or not.
constexpr std::size_t max_scan_steps = 10'000;

} // namespace

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
  const range* source = nullptr;
  if (where.range_id) {
    source = live_range(*where.range_id);
    if (source == nullptr)
      return range_gone(*where.range_id);
  }
  const std::uint64_t start = from ? from->item : 0;
  // What a replica that is behind shows instead; null for what it does not know yet.
  std::map<std::uint64_t, document_ptr> past;
  if (where.up_to)
    past = commits_.changed_since(*where.up_to);

  scan_page page;
  const std::int64_t today = now();
  auto present = by_item_.lower_bound(start);
  auto instead = past.lower_bound(start);
  while (present != by_item_.end() || instead != past.end()) {
    const bool is_past =
        instead != past.end() && (present == by_item_.end() || instead->first <= present->first);
    const auto& [item, version] = is_past ? *instead : *present;
    if (page.documents.size() == max_items || page.looked_at == max_scan_steps) {
      page.next = scan_cursor{item};
      break;
    }
    ++page.looked_at;
    if (version && !expired(*version, today) && where.admits(version->epk)
        && (source == nullptr
            || (version->epk >= source->info.min && version->epk < source->info.max)))
      page.documents.push_back(version);
    if (present != by_item_.end() && present->first == item)
      ++present;
    if (is_past)
      ++instead;
  }
  return page;
}

} // namespace feedcast::emulator
