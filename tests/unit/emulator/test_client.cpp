#include "test_client.hpp"

#include "emulator/auth.hpp"
#include "http/crypto/digest.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast::emulator::testing {
namespace {

std::string raw_key() {
  return *http::crypto::base64_decode(well_known_key);
}

} // namespace

test_client::test_client(const std::vector<std::string>& names, std::uint64_t memory)
    : account(clock, names, 7)
    , data({memory, 7, default_change_retention, nullptr, &account}, clock)
    , state{data, faults, stats, units, account, clock, raw_key()} {
  services_.push_back(std::make_unique<service>(state));
  for (std::size_t i = 0; i < names.size(); ++i)
    services_.push_back(std::make_unique<service>(state, i));
}

result_of_call test_client::send_as(std::string_view token, std::string method, std::string target,
                                    field_list headers, std::string body) {
  headers.emplace_back("authorization",
                       http::encode_segment("type=aad&ver=1.0&sig=" + std::string(token)));
  return deliver(std::move(method), std::move(target), headers, std::move(body));
}

boost::json::value test_client::control(std::string method, std::string target, std::string body) {
  const auto r = deliver(std::move(method), std::move(target), {}, std::move(body));
  EXPECT_LT(r.status(), 300U) << r.body;
  return r.body.empty() ? boost::json::value() : r.json();
}

result_of_call test_client::send_all(std::string method, std::string target, field_list headers,
                                     std::string body) {
  const auto resource = resource_of_path(target.substr(0, target.find('?')));
  const std::string date = format_http_date(clock.wall());
  const std::string token =
      "type=master&ver=1.0&sig=" + sign(raw_key(), method, resource.type, resource.link, date, {});
  headers.emplace_back("x-ms-date", date);
  headers.emplace_back("authorization", http::encode_segment(token));
  return deliver(std::move(method), std::move(target), headers, std::move(body));
}

result_of_call test_client::send_unsigned(std::string method, std::string target, fields headers,
                                          std::string body) {
  return deliver(std::move(method), std::move(target), headers, std::move(body));
}

result_of_call test_client::deliver(std::string method, std::string target,
                                    const field_list& headers, std::string body) {
  http::server_request request;
  const std::size_t query = std::min(target.find('?'), target.size());
  request.path = target.substr(0, query);
  request.query = target.substr(std::min(query + 1, target.size()));
  request.message = {std::move(method), std::move(target), {}, std::move(body)};
  for (const auto& [name, value] : headers)
    request.message.headers.add(name, value);
  result_of_call r;
  int answers = 0;
  const service& called = *services_.at(at ? *at + 1 : 0);
  called(std::move(request), [&](http::server_response response) {
    r.response = std::move(response);
    ++answers;
  });
  EXPECT_EQ(answers, 1);
  r.body = r.response.shared_body ? *r.response.shared_body : r.response.body;
  return r;
}

container_ptr test_client::make_container(std::uint32_t ranges, std::string_view key_path) {
  (void)data.create_database("db1");
  return *data.create_container("db1", *make_container_spec("c1", key_path, ranges));
}

result_of_call test_client::put(std::string_view id, int n) {
  auto r =
      send("POST", std::string(docs),
           {{"x-ms-documentdb-is-upsert", "True"}, {"x-ms-documentdb-partitionkey", key_of(id)}},
           R"({"id":")" + std::string(id) + R"(","n":)" + std::to_string(n) + '}');
  EXPECT_LT(r.status(), 300U) << r.body;
  return r;
}

std::string key_of(std::string_view id) {
  return R"([")" + std::string(id) + R"("])";
}

std::vector<std::string> ids(const result_of_call& page) {
  std::vector<std::string> all;
  const auto json = page.json();
  for (const auto& d : json.at("Documents").as_array())
    all.emplace_back(d.at("id").as_string());
  return all;
}

} // namespace feedcast::emulator::testing
