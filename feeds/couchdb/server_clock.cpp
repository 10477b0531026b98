#include "feeds/couchdb/server_clock.hpp"

#include <algorithm>

namespace feedcast::couchdb {

void server_clock::learn(const http::header_list& head, wall_time sent, wall_time came) {
  const auto date = parse_http_date(head.get("date"));
  if (!date || came < sent)
    return; // this machine's clock was set back meanwhile
  const auto least = std::chrono::floor<milliseconds>(*date - came);
  const auto most = std::chrono::ceil<milliseconds>(*date + std::chrono::seconds{1} - sent);
  const std::lock_guard lock{mutex_};
  ahead_ = ahead_ ? std::clamp(*ahead_, least, most) : (least + most) / 2;
}

milliseconds server_clock::ahead() const noexcept {
  const std::lock_guard lock{mutex_};
  return ahead_.value_or(milliseconds{0});
}

} // namespace feedcast::couchdb
