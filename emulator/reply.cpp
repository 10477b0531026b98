#include "emulator/reply.hpp"

#include "core/clock.hpp"
#include "emulator/headers.hpp"
#include "http/router.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>

namespace feedcast::emulator {
namespace {

std::string next_activity_id() {
  static std::atomic<std::uint64_t> counter{0};
  std::array<char, 40> text{};
  const int size = std::snprintf(text.data(), text.size(), "fca57000-0000-4000-8000-%012llx",
                                 static_cast<unsigned long long>(++counter & 0xffffffffffffULL));
  return {text.data(), static_cast<std::size_t>(size)};
}

const std::string& start_time() {
  static const std::string text = format_http_date(system_clock_source().wall());
  return text;
}

std::string two_digits(double value) {
  std::array<char, 32> text{};
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2);
  return {text.data(), end.ptr};
}

} // namespace

reply::reply(unsigned status) {
  response_.status = status;
  auto& h = response_.headers;
  h.add(header::activity_id, next_activity_id());
  h.add(header::schema_version, "1.19");
  h.add(header::service_version, "version=2.14.0.0");
  h.add(header::gateway_version, "version=2.14.0");
  h.add(header::last_state_change, start_time());
}

reply& reply::json(std::string body) {
  response_.body = std::move(body);
  return set("content-type", "application/json");
}

reply& reply::json(std::shared_ptr<const std::string> body) {
  response_.shared_body = std::move(body);
  return set("content-type", "application/json");
}

reply& reply::set(std::string_view name, std::string value) {
  response_.headers.add(name, std::move(value));
  return *this;
}

reply& reply::charge(double request_units) {
  charge_ = request_units;
  return *this;
}

reply& reply::etag(std::string_view quoted) {
  return set("etag", std::string(quoted));
}

reply& reply::items(std::size_t count) {
  return set(header::item_count, std::to_string(count));
}

reply& reply::owner(const container& c) {
  return set(header::alt_content_path, c.path())
      .set(header::content_path, c.address().to_text())
      .set(header::resource_quota, "documentSize=10240;documentsSize=10485760;documentsCount=-1;"
                                   "collectionSize=10485760;")
      .set(header::resource_usage,
           "documentSize=0;documentsSize=0;documentsCount=-1;collectionSize=0;");
}

/// Clients address a container by what its owner's path says, so this must not be its own.
reply& reply::owner_of(const container& c) {
  return set(header::alt_content_path, c.path().substr(0, c.path().find("/colls/")))
      .set(header::content_path, rid{c.address().database}.to_text());
}

reply& reply::session(std::string_view range_id, std::uint64_t range_lsn) {
  const std::string lsn = std::to_string(range_lsn);
  return set(header::session_token, std::string(range_id) + ":-1#" + lsn).set(header::lsn, lsn);
}

http::server_response reply::send() {
  set(header::request_charge, two_digits(charge_));
  return std::move(response_);
}

http::server_response send_refusal(const refusal& r) {
  reply answer(r.status);
  if (r.sub_status != substatus::none)
    answer.set(header::sub_status, std::to_string(r.sub_status));
  return answer.json(http::json_error(r.status, error_code(r.status), r.message).body).send();
}

std::string list_text(std::string_view owner, std::string_view member,
                      const std::vector<std::string>& resources) {
  std::string text =
      R"({"_rid":")" + std::string(owner) + R"(",")" + std::string(member) + R"(":[)";
  for (std::size_t i = 0; i < resources.size(); ++i)
    text += (i == 0 ? "" : ",") + resources[i];
  return text + R"(],"_count":)" + std::to_string(resources.size()) + '}';
}

} // namespace feedcast::emulator
