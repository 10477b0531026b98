#include "tests/simulation/model_store.hpp"

#include <utility>

namespace feedcast::simulation {

namespace {

constexpr moment lock_life = 30'000;
constexpr milliseconds lock_wait{15'000};

} // namespace

lease model_store::stored(lease l, moment t) {
  l.version = "v" + std::to_string(++versions_);
  l.stored_at = whole_seconds(server_wall(t));
  written_[l.range_id] = t;
  return l;
}

result<lease> model_store::create(const writer& w, lease l, moment t) {
  if (leases_.contains(l.range_id))
    return make_error(errc::conflict, "409");
  judge_.created(processor_, w, l, leases_);
  const auto id = l.range_id;
  return leases_[id] = stored(std::move(l), t);
}

result<lease> model_store::replace(const writer& w, lease l, moment t) {
  if (l.version.empty())
    judge_.fail("I3", w.instance + " writes lease " + l.range_id + " without naming a version");
  const auto at = leases_.find(l.range_id);
  if (at == leases_.end())
    return make_error(errc::not_found, "404");
  if (at->second.version != l.version) {
    ++judge_.seen["412"];
    return make_error(errc::conflict, "412");
  }
  judge_.replaced(processor_, w, at->second, l);
  return at->second = stored(std::move(l), t);
}

result<lease> model_store::read(const std::string& range_id) const {
  const auto at = leases_.find(range_id);
  if (at == leases_.end())
    return make_error(errc::not_found, "404");
  return at->second;
}

result<bool> model_store::remove(const writer& w, const lease& l) {
  const auto node = leases_.extract(l.range_id);
  if (!node.empty())
    judge_.removed(processor_, w, node.mapped(), leases_);
  return true;
}

result<milliseconds> model_store::lock(const writer& w, moment t) {
  if (lock_ && lock_->until > t) {
    ++judge_.seen["lock found taken"];
    return lock_wait;
  }
  lock_ = {w.boot, t + lock_life};
  return milliseconds{0};
}

result<bool> model_store::unlock(const writer& w, moment t) {
  const bool ours = lock_ && lock_->until > t && lock_->boot == w.boot;
  if (ours)
    lock_.reset();
  return ours;
}

result<bool> model_store::mark(const writer& w, wall_time anchor) {
  if (!std::exchange(initialised_, true)) {
    judge_.marked(processor_, w, leases_);
    anchor_ = anchor;
  }
  return true;
}

void model_store::lose(const std::string& range_id) {
  const auto node = leases_.extract(range_id);
  if (node.empty())
    return;
  ++judge_.seen["fault: lease deleted"];
  judge_.stolen_from_store(processor_, node.mapped());
}

} // namespace feedcast::simulation
