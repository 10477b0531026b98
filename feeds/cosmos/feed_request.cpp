#include "feeds/cosmos/feed_request.hpp"

#include <algorithm>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

constexpr auto start_margin = 10s;
constexpr std::size_t longest_continuation = std::size_t{16} << 10;

} // namespace

bool header_safe(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != 0x7f; });
}

result<bool> set_position(http::header_list& headers, const read_position& from) {
  if (const auto* position = std::get_if<continuation>(&from)) {
    if (position->token.empty() || position->token.size() > longest_continuation
        || !header_safe(position->token))
      return make_error(errc::rejected,
                        "the stored continuation is empty, longer than 16 KiB or holds "
                        "control characters: repair the lease document");
    headers.set("if-none-match", position->token);
    return true;
  }
  const auto& start = std::get<start_point>(from);
  if (start.from == start_point::kind::now)
    headers.set("if-none-match", "*");
  else if (start.from == start_point::kind::time)
    headers.set("if-modified-since", format_http_date(start.at - start_margin));
  return true;
}

void set_mode(http::header_list& headers, settings::feed_mode mode) {
  if (mode == settings::feed_mode::latest)
    return headers.set("a-im", "Incremental Feed");
  headers.set("a-im", "Full-Fidelity Feed");
  headers.set("x-ms-cosmos-changefeed-wire-format-version", "2021-09-15");
}

} // namespace feedcast::cosmos
