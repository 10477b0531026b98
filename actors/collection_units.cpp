// What reading may cost: a share of what the database provides, told to every partition.
#include "actors/answers.hpp"
#include "actors/collection.hpp"
#include "core/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>

namespace feedcast {

void collection_state::ask_throughput(steady_time now) {
  if (units_->due(now))
    source_->throughput(answer_to(collection_actor{self_}, to_throughput{}));
}

void collection_state::on_throughput(const result<feed_throughput>& answer) {
  const auto& p = args_.options.partition;
  switch (units_->learn(answer, self_->clock().now())) {
  case unit_share::news::none:
    return;
  case unit_share::news::known:
    log::info("reading is limited to its share of the feed's throughput",
              {{"target", p.target}, {"feed", p.feed}, {"limit", units_->why()}});
    break;
  case unit_share::news::unreadable:
    // Not worth a warning where the operator has declared what can't be read.
    if (args_.options.units.declared > 0)
      log::info("the feed's throughput can't be read, the declared one holds",
                {{"target", p.target}, {"feed", p.feed}, {"limit", units_->why()}});
    else
      log::warn(
          "the feed's throughput can't be read: only refusals slow reading down; declare it as "
          "the feed's `throughput`",
          {{"target", p.target}, {"feed", p.feed}, {"error", answer.error().detail}});
    break;
  }
  share_units();
}

unit_limit collection_state::limit_of_reader() const {
  // All instances' readers, each with a lease; those of ranges that are no more don't read.
  const auto& slots = keeper_->slots();
  const auto readers = std::count_if(slots.begin(), slots.end(),
                                     [](const auto& entry) { return !entry.second.gone; });
  return {units_->per_reader(static_cast<std::size_t>(readers))};
}

void collection_state::share_units() {
  const auto now = limit_of_reader();
  if (told_ && now.units_per_second == told_->units_per_second)
    return;
  told_ = now;
  partitions_->for_each_running([this](const std::string&, const caf::actor& p) {
    self_->send(caf::actor_cast<partition_actor>(p), limit_atom_v, *told_);
  });
}

} // namespace feedcast
