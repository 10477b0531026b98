#pragma once

#include "leases/lease_store.hpp"
#include "tests/consumers/stage.hpp"
#include "tests/consumers/tally.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

namespace feedcast::consumers {

/// The leases of one processor, with compare-and-swap. Outlives every feedcast that opens it.
struct lease_shelf {
  stage& time;
  dice& luck;
  tally& seen;
  std::int64_t faults = 0; ///< permille of calls
  std::map<std::string, lease> leases{};
  lease_store_state state{};
  std::uint64_t versions = 0;

  std::shared_ptr<lease_store> open();
};

/// One life of it.
class lease_life final : public lease_store {
 public:
  explicit lease_life(lease_shelf& shelf) : shelf_(shelf) {}

  void open(callback<lease_store_state> done) override {
    serve(std::move(done), [this]() -> result<lease_store_state> { return shelf_.state; });
  }

  void list(callback<lease_listing> done) override {
    serve(std::move(done), [this]() -> result<lease_listing> {
      lease_listing all;
      for (const auto& [id, l] : shelf_.leases)
        all.leases.push_back(l);
      all.now = shelf_.time.wall();
      return all;
    });
  }

  // One instance at a time: the lock is always free.
  void lock(callback<milliseconds> done) override {
    serve(std::move(done), []() -> result<milliseconds> { return milliseconds{0}; });
  }

  void unlock(callback<bool> done) override {
    serve(std::move(done), []() -> result<bool> { return true; });
  }

  void create(lease l, callback<lease> done) override {
    serve(std::move(done), [this, l = std::move(l)]() -> result<lease> {
      if (shelf_.leases.contains(l.range_id))
        return make_error(errc::conflict, "exists already");
      return write(l);
    });
  }

  void replace(lease l, callback<lease> done) override {
    serve(std::move(done), [this, l = std::move(l)]() -> result<lease> {
      const auto at = shelf_.leases.find(l.range_id);
      if (at == shelf_.leases.end())
        return make_error(errc::not_found, "no such lease");
      if (at->second.version != l.version)
        return make_error(errc::conflict, "somebody else wrote it");
      return write(l);
    });
  }

  void read(std::string range_id, callback<lease> done) override {
    serve(std::move(done), [this, id = std::move(range_id)]() -> result<lease> {
      const auto at = shelf_.leases.find(id);
      if (at == shelf_.leases.end())
        return make_error(errc::not_found, "no such lease");
      return at->second;
    });
  }

  void remove(lease l, callback<bool> done) override {
    serve(std::move(done), [this, id = l.range_id]() -> result<bool> {
      shelf_.leases.erase(id);
      return true;
    });
  }

  void mark_initialised(wall_time started_at, callback<bool> done) override {
    serve(std::move(done), [this, started_at]() -> result<bool> {
      shelf_.state = {true, started_at};
      return true;
    });
  }

  lease_costs costs() const override { return {}; }

 private:
  static constexpr moment longest_way = 20;

  result<lease> write(lease l) {
    l.version = 'v' + std::to_string(++shelf_.versions);
    l.stored_at = shelf_.time.wall();
    shelf_.leases[l.range_id] = l;
    return l;
  }

  /// `apply` happens on the way, whether or not this life is there to hear of it.
  template <class T, class Apply>
  void serve(callback<T> done, Apply apply) {
    auto& shelf = shelf_;
    auto& plans = shelf.time.plans();
    const bool fails = shelf.luck.chance(shelf.faults);
    const bool loses_answer = fails && shelf.luck.chance(500);
    if (fails)
      shelf.seen(loses_answer ? met::lease_answer_lost : met::lease_call_failed);
    // The store must not be touched through `this` later: it may be gone by then.
    auto answer =
        std::make_shared<result<T>>(make_error(errc::unavailable, "the schedule said so"));
    if (!fails || loses_answer)
      *answer = apply();
    if (loses_answer)
      *answer = make_error(errc::timeout, "the schedule lost the answer");
    plans.at(shelf.time.now() + shelf.luck.between(1, longest_way),
             [alive = std::weak_ptr(life_), done = std::move(done), answer] {
               if (alive.lock())
                 done(std::move(*answer));
             });
  }

  lease_shelf& shelf_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

inline std::shared_ptr<lease_store> lease_shelf::open() {
  return std::make_shared<lease_life>(*this);
}

} // namespace feedcast::consumers
