#include "tests/simulation/partition.hpp"

#include <limits>

namespace feedcast::simulation {

namespace {

constexpr std::size_t pages_ahead = 3;
constexpr std::size_t page_size = 4;
constexpr auto always = std::numeric_limits<moment>::min();

} // namespace

partition::partition(environment& world, network& net, std::size_t processor, const lease& l,
                     const range_start& from)
    : world_{world}
    , net_{net}
    , processor_{processor}
    , keys_{world.court.keys_of(l)}
    , range_{l.form == lease_form::pk ? std::optional{l.range_id} : world.feed.range_of(keys_)}
    , since_{from.from == range_start::kind::time ? moment_of(from.at) - 10'000 : always}
    , read_{lsn_of(from.continuation)}
    , settled_{read_} {}

void partition::read() {
  const auto r = range_ ? world_.feed.read(*range_, keys_, read_, since_, page_size)
                        : result<model_feed::page>{make_error(errc::gone, "several ranges")};
  if (!r) {
    gone_ = true;
    ++world_.court.seen["range found gone"];
    return;
  }
  if (r->changes.empty()) {
    // The end: nothing to tell, but the position moves.
    next_read_ = world_.time.now() + net_.random().between(1'000, 4'000);
    if (r->position == read_)
      return;
    read_ = r->position;
    pages_.push_back({read_, {}, world_.time.now(), false});
    return;
  }
  read_ = r->position;
  const auto takes =
      net_.random().chance(100) ? net_.random().between(500, 6'000) : net_.random().between(5, 300);
  pages_.push_back({read_, r->changes, world_.time.now() + takes, false});
}

partition::news partition::step(bool reading) {
  const auto now = world_.time.now();
  news out;
  if (net_.over(&weather::acks))
    for (auto& p : pages_)
      if (!p.acked && p.acked_at <= now) {
        p.acked = true;
        last_ack_ = now;
        for (const auto i : p.changes)
          world_.court.acked(processor_, i);
      }
  while (!pages_.empty() && pages_.front().acked) {
    settled_ = pages_.front().position;
    out.settled = std::to_string(settled_);
    pages_.pop_front();
  }
  for (std::size_t n = 0; reading && !gone_ && n < 2; ++n)
    if (pages_.size() < pages_ahead && next_read_ <= now && net_.over(&weather::outage))
      read();
  if (gone_ && pages_.empty() && reading && !gone_said_) {
    gone_said_ = true;
    out.gone = true;
  }
  return out;
}

} // namespace feedcast::simulation
