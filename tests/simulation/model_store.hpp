#pragma once

#include "leases/lease_store.hpp"
#include "tests/simulation/judge.hpp"
#include "tests/simulation/time.hpp"

#include <map>
#include <optional>
#include <string>

namespace feedcast::simulation {

/// The lease container of one processor, as its server sees it: each call happens at once. Delays
/// and losses are the network's affair.
class model_store {
 public:
  model_store(std::size_t processor, judge& j, lease_form span_form)
      : processor_{processor}, judge_{j}, span_form_{span_form} {}

  lease_store_state state() const { return {initialised_, anchor_}; }

  lease_form span_form() const noexcept { return span_form_; }

  const std::map<std::string, lease>& leases() const noexcept { return leases_; }

  result<lease> create(const writer& w, lease l, moment t);
  result<lease> replace(const writer& w, lease l, moment t);
  result<lease> read(const std::string& range_id) const;
  result<bool> remove(const writer& w, const lease& l);
  result<milliseconds> lock(const writer& w, moment t);
  result<bool> unlock(const writer& w, moment t);
  result<bool> mark(const writer& w, wall_time anchor);

  /// Somebody deletes a lease who should not.
  void lose(const std::string& range_id);

  /// True time of the last write.
  moment written(const std::string& range_id) const {
    const auto at = written_.find(range_id);
    return at == written_.end() ? 0 : at->second;
  }

 private:
  lease stored(lease l, moment t);

  struct lock_document {
    std::string boot;
    moment until;
  };

  const std::size_t processor_;
  judge& judge_;
  const lease_form span_form_;
  std::map<std::string, lease> leases_;
  std::map<std::string, moment> written_;
  std::optional<lock_document> lock_;
  bool initialised_ = false;
  std::optional<wall_time> anchor_;
  std::uint64_t versions_ = 0;
};

} // namespace feedcast::simulation
