// What becomes of the feed's answers: pages, damaged pages, errors.
#include "actors/partition.hpp"
#include "core/log.hpp"
#include "pipeline/repair.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

using metrics::change_outcome;
using metrics::poll_outcome;

/// How often a page of one document that can't be parsed has to come again, the same to the byte,
/// before it is believed to be stored like that.
constexpr std::uint32_t patience = 2;

std::pair<metrics::rewind_cause, std::string_view> meaning_of(rewind_reason why) {
  using metrics::rewind_cause;
  switch (why) {
  case rewind_reason::home_is_back:
    return {rewind_cause::home_is_back,
            "the target's own region is back, what was sent meanwhile is sent again"};
  case rewind_reason::feed_replaced:
    return {rewind_cause::feed_replaced,
            "the stored position is not of this feed, which is read from its beginning"};
  default:
    return {rewind_cause::write_region_changed,
            "the account's write region has changed, what may have been lost is read again"};
  }
}

} // namespace

void partition_state::take_figures(const feed_page& page) {
  polled_once_ = true;
  last_poll_ = self_->clock().now();
  args_.probe->feed_poll_seconds.observe(std::chrono::duration<double>(page.elapsed).count());
  args_.probe->request_units[metrics::request_op::poll].add(page.request_charge);
  budget_.charge(page.request_charge, last_poll_);
  if (page.session_lsn)
    session_lsn_ = page.session_lsn;
  behind_ = page.behind;
}

void partition_state::take_region(const feed_page& page) {
  // All ranges move together: one line stands for them.
  if (page.rewound != rewind_reason::none) {
    const auto [cause, text] = meaning_of(page.rewound);
    args_.probe->rewinds[cause].add();
    static log::limiter rewinds{milliseconds{10'000}};
    if (const auto pass = rewinds.admit())
      log::warn(text, {{"target", args_.options.target},
                       {"feed", args_.options.feed},
                       {"range", args_.range_id},
                       {"region", page.region},
                       {"suppressed", *pass}});
  }
  if (page.away != away_) {
    static log::limiter moves{milliseconds{10'000}};
    if (const auto pass = moves.admit())
      log::warn(page.away ? "range is read away from the target's own region"
                          : "range is read in the target's own region",
                {{"target", args_.options.target},
                 {"feed", args_.options.feed},
                 {"range", args_.range_id},
                 {"region", page.region},
                 {"suppressed", *pass}});
  }
  away_ = page.away;
  region_ = page.region;
}

void partition_state::take_page(const feed_page_ptr& page) {
  take_figures(*page);
  take_region(*page);
  if (page->unchanged)
    return take_nothing(*page);
  // The next page is on its way while this one is parsed; if this one turns out bad, that answer is
  // thrown away. Where damage is known of, the next request depends on what is found here.
  const bool calm = bad_reads_ == 0 && !search_.active();
  const auto here = std::exchange(next_, page->next);
  asked_here_ = asked_;
  if (calm)
    fetch_later(schedule_.after_changes());
  auto b = stages_->process(*page, window_->waiting(), origin_at(here));
  const bool damaged = !b || (*b)->damaged;
  if (damaged)
    note_damage(page->body.view());
  // What could be repaired is not what was stored, if the damage came on the way.
  if (b && (!damaged || same_damage_ > 0)) {
    take_batch(*page, std::move(*b));
    if (!calm)
      fetch_later(schedule_.after_changes());
    return;
  }
  next_ = here;
  stages_->given_up();
  if (fetching_) {
    ++fetch_;
    fetching_ = false;
  }
  on_malformed(
      page, b ? make_error(errc::malformed, "feed page: bytes that no JSON may hold") : b.error(),
      b.has_value());
}

void partition_state::take_nothing(const feed_page& page) {
  args_.probe->feed_polls[poll_outcome::empty].add();
  tell_lost(page);
  caught_up_ = true;
  caught_up_at_ = args_.watch.clock->wall();
  next_ = page.next;
  forget_damage();
  search_.end();
  if (page.next != seen_) {
    // The position moves on although there is nothing to deliver; it waits for what is in flight
    // like any other.
    seen_ = page.next;
    auto nothing = std::make_shared<batch>();
    nothing->next = page.next;
    window_->add(std::move(nothing));
    report_progress();
  }
  if (window_->idle() && session_lsn_)
    settled_lsn_ = std::max(settled_lsn_, *session_lsn_);
  recovered();
  fetch_later(page.waited ? schedule_.after_changes() : schedule_.after_nothing());
}

void partition_state::take_batch(const feed_page& page, std::shared_ptr<batch> b) {
  const auto& c = b->counts;
  const auto* probe = args_.probe;
  forget_damage();
  budget_.note_page(c.changes, page.request_charge);
  items_ = std::min(args_.options.max_items, items_ * 2);
  search_.good_page(static_cast<std::uint32_t>(page.item_count.value_or(c.changes)));
  if (!search_.active())
    recovered();
  caught_up_ = page.behind ? *page.behind == 0 : c.changes < asked_here_;
  if (caught_up_)
    caught_up_at_ = args_.watch.clock->wall();
  seen_ = page.next;
  b->received = last_poll_;
  if (b->oldest_ts > 0)
    read_ts_ = b->oldest_ts;
  probe->feed_polls[poll_outcome::changes].add();
  probe->feed_items.add(c.changes);
  probe->feed_bytes.add(static_cast<double>(page.body.size()));
  probe->openwhisk_count.add(c.own + c.filtered);
  probe->changes[change_outcome::origin_suppressed].add(c.own);
  probe->changes[change_outcome::filtered].add(c.filtered);
  probe->changes[change_outcome::coalesced].add(c.coalesced);
  probe->changes[change_outcome::unusable].add(c.unusable);
  if (c.repaired > 0)
    probe->documents_repaired.add(c.repaired);
  for (const auto& u : stages_->unusable())
    tell_unusable(page, u);
  note_memory();
  tell_lost(page);
  note_deletes(b->deletes);
  window_->add(std::move(b));
  hand_over();
  report_progress();
  end_if_done();
}

void partition_state::tell_lost(const feed_page& page) {
  if (!page.lost)
    return;
  args_.probe->deletes_lost.add();
  const bool replaced = page.rewound == rewind_reason::feed_replaced;
  log::error(
      replaced
          ? "deletes of this time may be lost: the database is another one than before; caches "
            "may hold what only the former one had"
          : "hard deletes and expiries of this time are lost: the position was older than what "
            "the database keeps; caches may hold what was deleted meanwhile",
      {{"target", args_.options.target},
       {"feed", args_.options.feed},
       {"range", args_.range_id},
       {"from", page.lost->from == wall_time{} ? "unknown" : format_iso8601(page.lost->from)},
       {"to", format_iso8601(page.lost->to)}});
}

void partition_state::note_deletes(const delete_counts& seen) {
  deletes_.tombstones += seen.tombstones;
  deletes_.untimed += seen.untimed;
  deletes_.removed += seen.removed;
  if (seen.least_ttl > 0 && (deletes_.least_ttl == 0 || seen.least_ttl < deletes_.least_ttl))
    deletes_.least_ttl = seen.least_ttl;
}

void partition_state::tell_unusable(const feed_page& page, const unusable_document& u) {
  args_.probe
      ->documents_unusable[u.why == unusable_document::reason::damaged
                               ? metrics::unusable_reason::malformed
                               : metrics::unusable_reason::no_key]
      .add();
  std::uint64_t more = 0;
  const bool kept = args_.options.stages.dead_letters.has_value();
  if (kept) { // the dead letter says it all
    static log::limiter once{milliseconds{1'000}};
    const auto pass = once.admit();
    if (!pass)
      return;
    more = *pass;
  }
  log::warn(kept ? "document without a usable id becomes a dead letter"
                 : "document without a usable id skipped",
            {{"target", args_.options.target},
             {"feed", args_.options.feed},
             {"range", args_.range_id},
             {"reason", to_string(u.why)},
             {"lsn", u.lsn},
             {"index", u.index},
             {"before", page.next.token},
             {"more", more}});
}

page_origin partition_state::origin_at(const read_position& here) const {
  return {args_.options.feed, args_.range_id, here, args_.watch.clock->wall()};
}

void partition_state::recovered() {
  if (!last_error_.empty())
    log::info("feed is back", {{"target", args_.options.target},
                               {"feed", args_.options.feed},
                               {"range", args_.range_id}});
  last_error_.clear();
  retry_delay_.reset();
  bad_answers_ = 0;
}

void partition_state::on_failure(const error& e) {
  args_.probe->feed_polls[poll_outcome::error].add();
  args_.probe->feed_errors[metrics::classify(e.code)].add();
  if (e.code == errc::gone) {
    gone_ = true;
    window_->stop_confirming();
    log::info("range is gone, its children take over", {{"target", args_.options.target},
                                                        {"feed", args_.options.feed},
                                                        {"range", args_.range_id}});
    end_if_done();
    return;
  }
  if (e.code == errc::too_large || (e.code == errc::malformed && ++bad_answers_ > patience))
    items_ = std::max(1U, items_ / 2);
  const auto wait = retry_delay_.next(e.retry_after);
  if (last_error_.empty() || last_error_ != to_string(e.code))
    log::warn("feed can't be read, trying again", {{"target", args_.options.target},
                                                   {"feed", args_.options.feed},
                                                   {"range", args_.range_id},
                                                   {"class", to_string(e.code)},
                                                   {"error", e.detail},
                                                   {"next_try_ms", wait.count()}});
  last_error_ = to_string(e.code);
  fetch_later(std::max(wait, milliseconds{1}));
}

void partition_state::note_damage(std::string_view body) {
  const auto now = std::hash<std::string_view>{}(body);
  same_damage_ = damaged_body_ == now ? same_damage_ + 1 : 0;
  damaged_body_ = now;
}

void partition_state::forget_damage() {
  bad_reads_ = 0;
  same_damage_ = 0;
  damaged_body_.reset();
}

void partition_state::on_malformed(const feed_page_ptr& page, const error& e, bool repairable) {
  // What the network does to a page differs from time to time or cuts it: such a page is never
  // passed over, however long it is waited for.
  if (asked_here_ == 1) {
    if (same_damage_ >= patience && !cut_short(page->body.view()))
      salvage(page, e);
    else
      look_again(e);
    return;
  }
  // Once may be the network, twice is a document: it is looked for. What could be repaired is
  // looked at twice in any case: if it comes again the same, it need not be found.
  if (bad_reads_ == 0 && (repairable || !search_.active())) {
    look_again(e);
    return;
  }
  tell_malformed(e);
  const auto documents =
      std::min<std::uint64_t>(page->item_count.value_or(asked_here_), asked_here_);
  search_.bad_page(static_cast<std::uint32_t>(documents), stages_->walk(*page));
  forget_damage();
  fetch_later(milliseconds{0});
}

void partition_state::look_again(const error& e) {
  ++bad_reads_;
  tell_malformed(e);
  fetch_later(std::max(retry_delay_.next(), milliseconds{1}));
}

void partition_state::tell_malformed(const error& e) {
  args_.probe->feed_errors[metrics::feed_error_class::decode].add();
  args_.probe->feed_polls[poll_outcome::error].add();
  if (last_error_.empty())
    log::warn("page is malformed, reading it again", {{"target", args_.options.target},
                                                      {"feed", args_.options.feed},
                                                      {"range", args_.range_id},
                                                      {"items", asked_here_},
                                                      {"error", e.detail}});
  last_error_ = to_string(e.code);
}

void partition_state::salvage(const feed_page_ptr& page, const error& e) {
  args_.probe->feed_errors[metrics::feed_error_class::decode].add();
  log::error("document stays malformed, taking what can be read of it",
             {{"target", args_.options.target},
              {"feed", args_.options.feed},
              {"range", args_.range_id},
              {"before", page->next.token},
              {"error", e.detail}});
  const auto here = std::exchange(next_, page->next);
  search_.end();
  take_batch(*page, stages_->salvage(*page, window_->waiting(), origin_at(here)));
  fetch_later(milliseconds{0});
}

} // namespace feedcast
