#include "feeds/cosmos/lease_ids.hpp"

#include "feeds/cosmos/resources.hpp"

#include <algorithm>

namespace feedcast::cosmos {

std::string_view to_string(stem_kind kind) noexcept {
  return kind == stem_kind::names ? "names" : "rids";
}

result<lease_ids> lease_ids::make(std::string_view prefix, std::string_view host,
                                  std::string_view database, std::string_view collection,
                                  settings::feed_mode mode) {
  constexpr std::size_t room_for_suffix = 32;
  std::string stem{prefix};
  stem.append(host).append("_").append(database).append("_").append(collection);
  if (auto ok = check_name(stem + std::string(room_for_suffix, '0'), "the lease id '" + stem + "'");
      !ok)
    return ok.error();
  if (std::any_of(stem.begin(), stem.end(),
                  [](char c) { return static_cast<unsigned char>(c) > 0x7e; }))
    return make_error(errc::rejected,
                      "the lease id '" + stem + "' is not ASCII: choose another lease prefix");
  return lease_ids{std::move(stem), mode};
}

} // namespace feedcast::cosmos
