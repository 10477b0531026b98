#pragma once

#include "core/clock.hpp"
#include "leases/lease_store.hpp"
#include "tests/support/ledger.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::testing {

/// How one call of the store goes wrong.
enum class store_fault {
  none,
  fail,       ///< nothing happens, the answer is an error
  lose_reply, ///< it happens, the answer is a timeout
  raise,      ///< the call throws
};

/// The leases of one processor, in memory, with compare-and-swap; shared by every life of the fake
/// store. Each stored position is held against the ledger.
struct lease_table {
  explicit lease_table(ledger& l) : truth(&l) {}

  struct call {
    std::size_t number = 0; ///< from 0
    std::string what;       ///< open, list, lock, unlock, create, replace, read, remove, mark
    std::string range;
  };

  ledger* truth;
  std::map<std::string, lease> leases;
  lease_store_state state;
  /// The store's clock, which `list` and every write answer.
  std::function<wall_time()> now = [] { return system_clock_source().wall(); };
  lease_form range_form = lease_form::pk;
  lease_form span_form = lease_form::java_epk;
  std::size_t lives = 0;         ///< stores made so far
  std::size_t lock_holder = 0;   ///< number of the life that has the lock; 0 = nobody
  wall_time lock_ends{};         ///< then it is nobody's, 30 s after it was taken
  milliseconds lock_wait{5'000}; ///< what `lock` answers while another life has it
  lease_costs costs;
  std::function<store_fault(const call&)> fault;
  bool hold = false; ///< keep answers until `answer_all`
  std::vector<call> calls;
  std::vector<lease> writes; ///< every lease that was stored, in order

  std::size_t count(std::string_view what) const {
    return static_cast<std::size_t>(
        std::count_if(calls.begin(), calls.end(), [&](const auto& c) { return c.what == what; }));
  }

  /// Puts a lease there as somebody else would. No position: as it is left by a first start that
  /// was cut short.
  void put(const std::string& range, std::string owner, std::optional<std::size_t> position,
           wall_time renewed) {
    auto& l = leases[range];
    l.range_id = range;
    l.owner = std::move(owner);
    l.continuation = position ? ledger::token(*position).token : std::string{};
    l.timestamp = renewed;
    l.stored_at = now();
    l.version = next_version();
    if (position)
      truth->stored(range, l.continuation);
  }

  void answer_all() {
    while (!held_.empty()) {
      const auto answer = std::move(held_.front());
      held_.pop_front();
      answer();
    }
  }

  /// Does `apply` and answers `done` with its result, unless a fault says otherwise.
  template <class T, class Apply>
  void serve(std::string what, std::string range, const std::weak_ptr<int>& life, callback<T> done,
             Apply apply) {
    const call c{calls.size(), std::move(what), std::move(range)};
    calls.push_back(c);
    const auto f = fault ? fault(c) : store_fault::none;
    if (f == store_fault::raise)
      throw std::runtime_error("the test made the lease store throw");
    result<T> answer = make_error(errc::unavailable, "the test made the lease store fail");
    if (f != store_fault::fail)
      answer = apply();
    if (f == store_fault::lose_reply)
      answer = make_error(errc::timeout, "the test lost the answer");
    auto send = [life, done = std::move(done), answer = std::move(answer)] {
      if (life.lock())
        done(answer);
    };
    if (hold)
      held_.push_back(std::move(send));
    else
      send();
  }

  result<lease> write(lease l) {
    truth->stored(l.range_id, l.continuation);
    l.version = next_version();
    l.stored_at = now();
    leases[l.range_id] = l;
    writes.push_back(l);
    return l;
  }

 private:
  std::string next_version() { return "v" + std::to_string(++versions_); }

  std::deque<std::function<void()>> held_;
  std::size_t versions_ = 0;
};

/// One life of the store.
class fake_lease_store final : public lease_store {
 public:
  explicit fake_lease_store(lease_table& table) : table_(&table), number_(++table.lives) {}

  void open(callback<lease_store_state> done) override {
    table_->serve<lease_store_state>(
        "open", "", life_, std::move(done),
        [this]() -> result<lease_store_state> { return table_->state; });
  }

  void list(callback<lease_listing> done) override {
    table_->serve<lease_listing>("list", "", life_, std::move(done),
                                 [this]() -> result<lease_listing> {
                                   lease_listing all;
                                   for (const auto& [id, l] : table_->leases)
                                     all.leases.push_back(l);
                                   all.now = table_->now();
                                   all.range_form = table_->range_form;
                                   all.span_form = table_->span_form;
                                   return all;
                                 });
  }

  void lock(callback<milliseconds> done) override {
    table_->serve<milliseconds>(
        "lock", "", life_, std::move(done), [this]() -> result<milliseconds> {
          const auto now = table_->now();
          if (table_->lock_holder == 0 || now >= table_->lock_ends) {
            table_->lock_holder = number_;
            table_->lock_ends = now + std::chrono::seconds{30};
          }
          return table_->lock_holder == number_ ? milliseconds{0} : table_->lock_wait;
        });
  }

  void unlock(callback<bool> done) override {
    table_->serve<bool>("unlock", "", life_, std::move(done), [this]() -> result<bool> {
      const bool ours = table_->lock_holder == number_;
      if (ours)
        table_->lock_holder = 0;
      return ours;
    });
  }

  void create(lease l, callback<lease> done) override {
    const auto id = l.range_id;
    table_->serve<lease>("create", id, life_, std::move(done), [this, l = std::move(l)]() mutable {
      if (table_->leases.contains(l.range_id))
        return result<lease>{make_error(errc::conflict, "exists already")};
      return table_->write(std::move(l));
    });
  }

  void replace(lease l, callback<lease> done) override {
    const auto id = l.range_id;
    table_->serve<lease>("replace", id, life_, std::move(done), [this, l = std::move(l)]() mutable {
      const auto at = table_->leases.find(l.range_id);
      if (at == table_->leases.end())
        return result<lease>{make_error(errc::not_found, "no such lease")};
      if (at->second.version != l.version)
        return result<lease>{make_error(errc::conflict, "somebody else wrote it")};
      return table_->write(std::move(l));
    });
  }

  void read(std::string range_id, callback<lease> done) override {
    table_->serve<lease>("read", range_id, life_, std::move(done), [this, range_id] {
      const auto at = table_->leases.find(range_id);
      if (at == table_->leases.end())
        return result<lease>{make_error(errc::not_found, "no such lease")};
      return result<lease>{at->second};
    });
  }

  void remove(lease l, callback<bool> done) override {
    const auto id = l.range_id;
    table_->serve<bool>("remove", id, life_, std::move(done), [this, id]() -> result<bool> {
      table_->leases.erase(id);
      return true;
    });
  }

  void mark_initialised(wall_time started_at, callback<bool> done) override {
    table_->serve<bool>("mark", "", life_, std::move(done), [this, started_at]() -> result<bool> {
      table_->state = {true, started_at};
      return true;
    });
  }

  lease_costs costs() const override { return table_->costs; }

 private:
  lease_table* table_;
  const std::size_t number_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

} // namespace feedcast::testing
