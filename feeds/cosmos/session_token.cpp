#include "feeds/cosmos/session_token.hpp"

#include "feeds/cosmos/number.hpp"

namespace feedcast::cosmos {

std::optional<std::uint64_t> session_lsn(std::string_view token,
                                         std::string_view range_id) noexcept {
  while (!token.empty()) {
    const auto comma = token.find(',');
    const auto one = token.substr(0, comma);
    token = comma == std::string_view::npos ? std::string_view{} : token.substr(comma + 1);
    const auto colon = one.find(':');
    if (colon == std::string_view::npos || one.substr(0, colon) != range_id)
      continue;
    auto rest = one.substr(colon + 1);
    if (const auto version_end = rest.find('#'); version_end != std::string_view::npos)
      rest = rest.substr(version_end + 1);
    return read_number<std::uint64_t>(rest.substr(0, rest.find('#')));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> continuation_lsn(std::string_view etag) noexcept {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"')
    etag = etag.substr(1, etag.size() - 2);
  return read_number<std::uint64_t>(etag);
}

} // namespace feedcast::cosmos
