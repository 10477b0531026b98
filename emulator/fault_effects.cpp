#include "emulator/fault_effects.hpp"

#include "emulator/headers.hpp"
#include "emulator/reply.hpp"

#include <algorithm>

namespace feedcast::emulator {
namespace {

http::server_response failure(const fault_rule& rule) {
  auto response = send_refusal(
      refuse(rule.status, "injected by fault rule " + std::to_string(rule.id), rule.sub_status));
  if (rule.retry_after_ms)
    response.headers.set(header::retry_after, std::to_string(*rule.retry_after_ms));
  return response;
}

void set_body(http::server_response& response, std::string body) {
  response.shared_body = nullptr;
  response.body = std::move(body);
}

} // namespace

std::string_view body_of(const http::server_response& r) noexcept {
  return r.shared_body ? std::string_view(*r.shared_body) : std::string_view(r.body);
}

http::server_response injected(const fault_rule& rule) {
  if (rule.kind == fault_kind::reset) {
    http::server_response nothing;
    nothing.cut_after = 0;
    nothing.reset = true;
    return nothing;
  }
  http::server_response response = failure(rule);
  if (rule.kind != fault_kind::status)
    spoil(response, rule);
  return response;
}

void spoil(http::server_response& response, const fault_rule& rule) {
  constexpr milliseconds default_pause{100};
  const std::string_view body = body_of(response);
  const std::size_t at = rule.at_byte.value_or(body.size() / 2);
  switch (rule.kind) {
  case fault_kind::status:
    response = failure(rule);
    return;
  case fault_kind::truncate:
    set_body(response, std::string(body.substr(0, at)));
    return;
  case fault_kind::corrupt: {
    std::string changed(body);
    if (!changed.empty())
      changed[std::min(at, changed.size() - 1)] = '\xff';
    set_body(response, std::move(changed));
    return;
  }
  case fault_kind::wrong_length:
    response.told_length = static_cast<std::size_t>(
        std::max<std::int64_t>(0, static_cast<std::int64_t>(body.size()) + rule.length_by));
    return;
  case fault_kind::drip:
    response.drip = rule.piece;
    response.pause = rule.delay.value_or(default_pause);
    return;
  case fault_kind::reset:
    response.cut_after = rule.at_byte.value_or(0);
    response.reset = true;
    return;
  case fault_kind::delay:
    response.delay = rule.delay.value_or(milliseconds{0});
    return;
  }
}

} // namespace feedcast::emulator
