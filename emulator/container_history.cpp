#include "emulator/container.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

refusal too_old() {
  return refuse(400, "the continuation is older than the changes that this container still keeps: "
                     "start again from now (If-None-Match: *)");
}

} // namespace

void container::note(std::string_view kind, const document_ptr& before, const document_ptr& after) {
  const document_ptr& named = after ? after : before;
  if (book_ != nullptr)
    book_->written({name_, kind, range_of(named->epk).info.id, lsn_, before.get(), after.get()});
  commits_.record(lsn_, before, after);

  change c{change_kind::create, lsn_, last_ts_, named, nullptr, before ? before->lsn : 0};
  if (!after)
    c.kind = kind == "expire" ? change_kind::expire : change_kind::remove;
  else if (before)
    c.kind = change_kind::replace;
  if (spec_.keeps_previous_images())
    c.previous = before;
  remember(std::move(c));
}

void container::remember(change c) {
  const std::size_t size = c.footprint();
  while (!history_.empty() && history_.bytes() + size > memory_.history_share())
    forget_oldest_change();
  bool room = spec_.change_retention() > 0 && size <= memory_.history_share();
  while (room && !memory_.take_history(size)) {
    room = !history_.empty();
    if (room)
      forget_oldest_change();
  }
  if (!room) {
    range_of(c.version->epk).forgotten = c.lsn;
    return;
  }
  history_.append(std::move(c));
  trim_history();
}

void container::forget_oldest_change() {
  const change& oldest = history_.oldest();
  range_of(oldest.version->epk).forgotten = oldest.lsn;
  memory_.give_back_history(oldest.footprint());
  history_.drop_oldest();
}

void container::forget_changes_after(std::uint64_t lsn) {
  while (!history_.empty() && history_.newest().lsn > lsn) {
    memory_.give_back_history(history_.newest().footprint());
    history_.drop_newest();
  }
  for (range& r : ranges_)
    r.forgotten = std::min(r.forgotten, lsn);
}

void container::trim_history() {
  const std::int64_t first_kept = now() - spec_.change_retention();
  while (!history_.empty() && history_.oldest().ts < first_kept)
    forget_oldest_change();
}

answer<feed_page> container::all_versions(const feed_request& request, const range& source) const {
  const std::int64_t retention = spec_.change_retention();
  if (retention == 0)
    return refuse(400, "this container keeps no former versions: give it a changeFeedPolicy with a "
                       "retentionDuration in minutes");
  const std::uint64_t newest =
      std::min(source.info.lsn, request.where.up_to.value_or(source.info.lsn));
  feed_page page{{}, {}, std::max(request.after, newest), source.info.id, newest};
  if (request.where.may_step_back)
    page.continuation = newest;
  if (request.from_now)
    return page;
  if (request.after < source.forgotten)
    return too_old();

  const std::int64_t first_kept = now() - retention;
  const std::size_t max_items = request.max_items == 0 ? default_feed_items : request.max_items;
  std::size_t bytes = 0;
  for (auto at = history_.after(request.after); at != history_.end() && at->lsn <= newest; ++at) {
    const std::string& epk = at->version->epk;
    if (epk < source.info.min || epk >= source.info.max)
      continue;
    if (at->ts < first_kept) // not dropped yet, as no write came since
      return too_old();
    if (!request.where.admits(epk))
      continue;
    const bool full = page.changes.size() >= max_items || bytes >= max_feed_bytes;
    if (full && at->lsn != page.changes.back().lsn)
      break;
    bytes += at->text_size();
    page.changes.push_back(*at);
  }
  if (!page.changes.empty())
    page.continuation = page.changes.back().lsn;
  return page;
}

} // namespace feedcast::emulator
