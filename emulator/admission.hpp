#pragma once

#include "emulator/call.hpp"
#include "emulator/operation.hpp"
#include "http/server.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// True for what is served by a partition key range and paid for from its request units.
bool uses_units(operation what) noexcept;

/// The range that serves a request about documents: the one that a header names, else the one of
/// the partition key, else the first. An id that a header names need not exist.
std::string serving_range(const call& c, const container& owner);

/// Spends the request units of one request. Made before it is served; nothing is spent if nothing
/// is limited. Lives as long as the call and the name of its region.
class unit_meter {
 public:
  unit_meter(const call& c, operation what, const container* owner, std::string_view region);

  /// 429/3200 with the time to wait, if the range has none left.
  std::optional<http::server_response> refusal() const;
  /// Takes what the answer says it cost.
  void pay(const http::server_response& response) const;

 private:
  unit_payee payee() const noexcept { return {owner_->name(), owner_->path(), range_, region_}; }

  const call& call_;
  const container* owner_ = nullptr; ///< null = nothing to pay
  std::string range_;
  std::string_view region_;
};

} // namespace feedcast::emulator
