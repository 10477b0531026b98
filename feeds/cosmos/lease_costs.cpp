#include "feeds/cosmos/lease_costs.hpp"

#include "feeds/cosmos/number.hpp"

namespace feedcast::cosmos {

cost_meter::kind cost_meter::kind_of(const call& c) {
  if (c.headers.has("x-ms-documentdb-isquery"))
    return kind::list;
  return c.method == "GET" ? kind::read : kind::write;
}

void cost_meter::count(kind k, const result<http::response>& r) noexcept {
  auto& t = k == kind::read ? reads_ : k == kind::list ? lists_ : writes_;
  t.calls.fetch_add(1, std::memory_order_relaxed);
  if (!r)
    return;
  const auto charge = read_number<double>(r->headers.get("x-ms-request-charge")).value_or(0);
  if (charge > 0)
    t.units.fetch_add(charge, std::memory_order_relaxed);
}

lease_costs::tally cost_meter::value_of(const tally& t) noexcept {
  return {t.calls.load(std::memory_order_relaxed), t.units.load(std::memory_order_relaxed)};
}

lease_costs cost_meter::total() const noexcept {
  return {value_of(reads_), value_of(lists_), value_of(writes_)};
}

} // namespace feedcast::cosmos
