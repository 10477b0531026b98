#include "emulator/auth.hpp"
#include "emulator/emulator.hpp"
#include "http/client.hpp"
#include "http/crypto/digest.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <future>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;

/// An account of two regions on free ports.
struct region_sockets_test : ::testing::Test {
  region_sockets_test() {
    emulator_options options;
    options.listen = "127.0.0.1:0";
    options.regions = {{"West", ""}, {"East", "127.0.0.1:0"}};
    auto started = emulator::start(io, options);
    EXPECT_TRUE(started.has_value());
    account = std::move(*started);
  }

  result<http::response> send(const std::string& url, std::string method, std::string path,
                              std::string body = {}) {
    http::client_options options;
    options.proxy = "none";
    http::client client(io, *http::parse_origin(url), options);
    const auto resource = resource_of_path(path);
    const std::string date = format_http_date(system_clock_source().wall());
    http::header_list headers;
    headers.set("x-ms-date", date);
    headers.set("authorization",
                http::encode_segment("type=master&ver=1.0&sig="
                                     + sign(*http::crypto::base64_decode(account->key()), method,
                                            resource.type, resource.link, date, {})));
    std::promise<result<http::response>> answer;
    client.send({std::move(method), std::move(path), std::move(headers), std::move(body)}, 10s,
                [&](result<http::response> r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }

  http::runtime io{2};
  std::unique_ptr<emulator> account;
};

TEST_F(region_sockets_test, an_account_of_several_regions_has_a_port_for_each) {
  const auto document = send(account->url(), "GET", "/");

  ASSERT_TRUE(document.has_value());
  const auto json = boost::json::parse(document->body.view());
  const auto& locations = json.at("readableLocations").as_array();
  ASSERT_EQ(locations.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& endpoint = locations[i].at("databaseAccountEndpoint").as_string();
    EXPECT_EQ(endpoint, account->region_url(i) + "/");
    EXPECT_EQ(send(account->region_url(i), "GET", "/dbs")->status, 200U);
  }
  EXPECT_NE(account->region_url(0), account->url());
}

TEST_F(region_sockets_test, a_failover_is_felt_at_the_ports) {
  const std::string west = account->region_url(0);
  const std::string east = account->region_url(1);
  EXPECT_EQ(send(east, "POST", "/dbs", R"({"id":"db1"})")->status, 403U);
  EXPECT_EQ(send(west, "POST", "/dbs", R"({"id":"db1"})")->status, 201U);

  EXPECT_EQ(send(account->url(), "POST", "/_emulator/failover", R"({"to":"East"})")->status, 200U);

  const auto refused = send(west, "POST", "/dbs", R"({"id":"db2"})");
  EXPECT_EQ(refused->status, 403U);
  EXPECT_EQ(refused->headers.get("x-ms-substatus"), "3");
  EXPECT_EQ(send(east, "POST", "/dbs", R"({"id":"db2"})")->status, 201U);
  EXPECT_EQ(send(account->url(), "POST", "/dbs", R"({"id":"db3"})")->status, 201U);
}

TEST_F(region_sockets_test, an_outage_resets_connections) {
  send(account->url(), "POST", "/_emulator/regions/West", R"({"outage":"reset"})");

  const auto lost = send(account->region_url(0), "GET", "/dbs");

  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, errc::unavailable);
  EXPECT_EQ(send(account->region_url(1), "GET", "/dbs")->status, 200U);
}

TEST_F(region_sockets_test, the_certificates_of_all_endpoints_are_handed_out) {
  emulator_options options;
  options.listen = "127.0.0.1:0";
  options.tls = true;
  options.regions = {{"West", ""}, {"East", ""}};
  const auto secure = emulator::start(io, options);
  ASSERT_TRUE(secure.has_value());

  const std::string pem = (*secure)->certificate_pem();
  std::size_t count = 0;
  for (auto at = pem.find("BEGIN CERT"); at != std::string::npos;
       at = pem.find("BEGIN CERT", at + 1))
    ++count;

  EXPECT_EQ(count, 3U);
}

TEST_F(region_sockets_test, bad_regions_are_refused) {
  const auto code = [&](std::vector<region_wish> regions) {
    emulator_options options;
    options.listen = "127.0.0.1:0";
    options.regions = std::move(regions);
    return emulator::start(io, options).error().code;
  };

  EXPECT_EQ(code({{"West", ""}, {"West", ""}}), errc::rejected);
  EXPECT_EQ(code({{"We\"st", ""}}), errc::rejected);
  EXPECT_EQ(code({{"", ""}}), errc::rejected);
  EXPECT_EQ(code({{"West", ""}, {"East", account->url().substr(7)}}), errc::unavailable);
  emulator_options options;
  options.regions = {{"West", ""}, {"East", ""}};
  options.access.serverless = true;
  EXPECT_EQ(emulator::start(io, options).error().code, errc::rejected);
}

} // namespace
} // namespace feedcast::emulator
