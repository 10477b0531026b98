// The guard that warns if deletes may be missed: see pipeline/delete_guard.hpp.
#include "actors/answers.hpp"
#include "actors/collection.hpp"
#include "core/log.hpp"

#include <algorithm>
#include <utility>

namespace feedcast {

namespace {

using namespace std::chrono_literals;

constexpr auto loud_interval = 1h;    ///< between warnings of what is still so
constexpr auto quiet_interval = 1min; ///< between judgements, and questions that failed

static_assert(metrics::by_label<metrics::guard_finding, metrics::gauge>::size
              == delete_finding_count);

} // namespace

void collection_state::watch_deletes(steady_time now) {
  if (draining_)
    return;
  if (now >= next_traits_) {
    next_traits_ = now + quiet_interval; // also if no answer comes
    source_->describe(answer_to(collection_actor{self_}, to_traits{}));
  }
  if (now >= next_judgement_ && next_judgement_ != steady_time{})
    judge_deletes_now(false);
}

void collection_state::on_traits(traits_answer a) {
  if (!a.traits) {
    static log::limiter once{milliseconds{60'000}};
    if (const auto pass = once.admit())
      log::warn("how long deletes can be seen is not known, asking again",
                {{"target", args_.options.partition.target},
                 {"feed", args_.options.partition.feed},
                 {"class", to_string(a.traits.error().code)},
                 {"error", a.traits.error().detail},
                 {"suppressed", *pass}});
    return;
  }
  next_traits_ = self_->clock().now() + loud_interval;
  deletes_.feed = std::move(*a.traits);
  judge_deletes_now(true);
}

void collection_state::note_deletes(const delete_counts& seen) {
  deletes_.tombstones += seen.tombstones;
  deletes_.untimed += seen.untimed;
  if (seen.least_ttl > 0 && (deletes_.seen_ttl == 0 || seen.least_ttl < deletes_.seen_ttl))
    deletes_.seen_ttl = seen.least_ttl;
}

/// `loud`: says again what was said before. What is new is said in any case.
void collection_state::judge_deletes_now(bool loud) {
  next_judgement_ = self_->clock().now() + quiet_interval;
  deletes_.declared_ttl = args_.options.deletes.tombstone_ttl;
  deletes_.declared_outage = args_.options.deletes.max_outage;
  const auto before = std::exchange(delete_warnings_, {});
  for (std::size_t i = 0; i < delete_finding_count; ++i)
    args_.probe->delete_guard[static_cast<metrics::guard_finding>(i)].set(0);
  for (auto& f : judge_deletes(deletes_)) {
    args_.probe->delete_guard[static_cast<metrics::guard_finding>(f.what)].set(1);
    const std::string finding{to_string(f.what)};
    const bool known = std::any_of(before.begin(), before.end(),
                                   [&](const auto& w) { return w.finding == finding; });
    if (loud || !known)
      log::write(f.harmless ? log::level::info : log::level::warn,
                 f.harmless ? "deletes are kept longer than needed" : "deletes may be missed",
                 {{"target", args_.options.partition.target},
                  {"feed", args_.options.partition.feed},
                  {"finding", finding},
                  {"detail", f.detail}});
    delete_warnings_.push_back({finding, std::move(f.detail)});
  }
}

} // namespace feedcast
