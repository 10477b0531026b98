#include "emulator/container.hpp"

#include <algorithm>

// What a container looked like a moment ago, for replicas that are behind: see docs/adr/0007.

namespace feedcast::emulator {
namespace {

/// Walks the versions of one range that were in force at an LSN, by LSN: those that still are, and
/// those that were replaced since.
class past_versions {
 public:
  past_versions(const feed_index& index, const range_info& range,
                std::vector<document_ptr> replaced, std::uint64_t after, std::uint64_t up_to)
      : at_(index.after(after)), end_(index.end()), up_to_(up_to), replaced_(std::move(replaced)) {
    std::erase_if(replaced_,
                  [&](const document_ptr& d) { return d->epk < range.min || d->epk >= range.max; });
  }

  /// Null at the end.
  document_ptr next() {
    while (at_ != end_ && at_->lsn <= up_to_ && !at_->version)
      ++at_;
    const bool present = at_ != end_ && at_->lsn <= up_to_;
    const bool past = taken_ < replaced_.size();
    if (present && (!past || at_->lsn < replaced_[taken_]->lsn))
      return (at_++)->version;
    return past ? replaced_[taken_++] : nullptr;
  }

 private:
  feed_index::iterator at_;
  feed_index::iterator end_;
  std::uint64_t up_to_;
  std::vector<document_ptr> replaced_;
  std::size_t taken_ = 0;
};

} // namespace

void container::follow(const regions& account) {
  const std::lock_guard lock(mutex_);
  commits_.follow(&account, &clock_);
}

std::optional<std::uint64_t> container::position(steady_time when) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lsn = commits_.position(when, lsn_);
  return lsn == lsn_ ? std::nullopt : std::optional(lsn);
}

std::optional<steady_time> container::committed(std::uint64_t lsn) const {
  const std::lock_guard lock(mutex_);
  return commits_.committed(lsn);
}

feed_page container::past_feed(const range& source, const feed_request& request) const {
  const std::uint64_t up_to = *request.where.up_to;
  const std::uint64_t newest = std::min(source.info.lsn, up_to);
  feed_page page{{}, {}, std::max(request.after, newest), source.info.id, newest};
  if (request.where.may_step_back)
    page.continuation = newest;
  if (request.from_now)
    return page;

  past_versions versions(source.index, source.info, commits_.replaced_since(up_to, request.after),
                         request.after, up_to);
  const std::size_t max_items = request.max_items == 0 ? default_feed_items : request.max_items;
  const std::int64_t today = now();
  std::size_t bytes = 0;
  while (const document_ptr version = versions.next()) {
    if (expired(*version, today) || !request.where.admits(version->epk)
        || (request.modified_since && version->ts <= *request.modified_since))
      continue;
    const bool full = page.documents.size() >= max_items || bytes >= max_feed_bytes;
    if (full && version->lsn != page.documents.back()->lsn)
      break;
    bytes += version->feed_text.size();
    page.documents.push_back(version);
  }
  if (!page.documents.empty())
    page.continuation = page.documents.back()->lsn;
  return page;
}

document_ptr container::past_version(const document_ref& target, std::uint64_t up_to,
                                     document_ptr version) const {
  return commits_.version_at(
      up_to,
      [&](const document& d) {
        if (const auto* name = std::get_if<document_name>(&target))
          return d.id == name->id && d.epk == name->epk;
        return d.address.item == std::get<std::uint64_t>(target);
      },
      std::move(version));
}

std::size_t container::cut(steady_time when) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t lsn = commits_.position(when, lsn_);
  const auto undone = commits_.cut(lsn);
  for (const commit_log::commit& c : undone) {
    if (c.after && c.after->raw) {
      range_of(c.after->epk).index.erase(*c.after);
      memory_.give_back(c.after->footprint());
    } else if (c.after) {
      forget(c.after);
    }
    if (c.before) {
      memory_.take_again(c.before->footprint());
      range_of(c.before->epk).index.restore(c.before);
      by_name_.insert_or_assign(name_key(c.before->epk, c.before->id), c.before);
      by_item_.insert_or_assign(c.before->address.item, c.before);
      if (const auto until = expiry(*c.before))
        expiring_.emplace(*until, c.before->address.item);
    }
  }
  lsn_ = lsn;
  forget_changes_after(lsn);
  for (range& r : ranges_) {
    r.index.close_after(lsn);
    r.info.lsn = std::min(r.info.lsn, lsn);
  }
  if (book_ != nullptr && !undone.empty())
    book_->cut(name_, lsn, undone.size());
  return undone.size();
}

} // namespace feedcast::emulator
