#include "emulator/admission.hpp"

#include "emulator/headers.hpp"
#include "emulator/reply.hpp"

#include <algorithm>
#include <charconv>

namespace feedcast::emulator {

bool uses_units(operation what) noexcept {
  switch (what) {
  case operation::feed:
  case operation::list:
  case operation::create:
  case operation::upsert:
  case operation::read:
  case operation::replace:
  case operation::remove:
  case operation::query:
    return true;
  default:
    return false;
  }
}

std::string serving_range(const call& c, const container& owner) {
  if (const auto named = range_id(c); !named.empty())
    return std::string(named);
  const range_map map = owner.ranges();
  if (const auto key = partition_key(c); key && *key) {
    const auto home = std::find_if(map.ranges.begin(), map.ranges.end(),
                                   [&](const range_info& r) { return **key < r.max; });
    if (home != map.ranges.end())
      return home->id;
  }
  return map.ranges.front().id;
}

unit_meter::unit_meter(const call& c, operation what, const container* owner,
                       std::string_view region)
    : call_(c), region_(region) {
  if (owner == nullptr || !c.state.units.any() || !uses_units(what))
    return;
  owner_ = owner;
  range_ = serving_range(c, *owner);
}

std::optional<http::server_response> unit_meter::refusal() const {
  if (owner_ == nullptr)
    return std::nullopt;
  const auto wait = call_.state.units.refuse_for(payee());
  if (!wait)
    return std::nullopt;
  auto response =
      send_refusal(refuse(429,
                          "Request rate is large: the request units of partition key range "
                              + range_ + " are spent. No changes were made; try again later",
                          substatus::units_spent));
  response.headers.set(header::retry_after, std::to_string(wait->count()));
  response.headers.set(header::request_charge, "0.38");
  return response;
}

void unit_meter::pay(const http::server_response& response) const {
  if (owner_ == nullptr)
    return;
  const std::string_view text = response.headers.get(header::request_charge);
  double units = 0;
  std::from_chars(text.data(), text.data() + text.size(), units);
  call_.state.units.charge(payee(), units);
}

} // namespace feedcast::emulator
