#pragma once

#include "leases/lease_store.hpp"
#include "tests/support/ledger.hpp"

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
    std::string what;       ///< open, list, create, replace, read, remove, mark
    std::string range;
  };

  ledger* truth;
  std::map<std::string, lease> leases;
  lease_store_state state;
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
  explicit fake_lease_store(lease_table& table) : table_(&table) {}

  void open(callback<lease_store_state> done) override {
    table_->serve<lease_store_state>(
        "open", "", life_, std::move(done),
        [this]() -> result<lease_store_state> { return table_->state; });
  }

  void list(callback<std::vector<lease>> done) override {
    table_->serve<std::vector<lease>>("list", "", life_, std::move(done),
                                      [this]() -> result<std::vector<lease>> {
                                        std::vector<lease> all;
                                        for (const auto& [id, l] : table_->leases)
                                          all.push_back(l);
                                        return all;
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

 private:
  lease_table* table_;
  std::shared_ptr<int> life_ = std::make_shared<int>(0);
};

} // namespace feedcast::testing
