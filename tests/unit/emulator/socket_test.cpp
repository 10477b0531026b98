#include "emulator/auth.hpp"
#include "emulator/emulator.hpp"
#include "http/client.hpp"
#include "http/crypto/digest.hpp"

#include <gtest/gtest.h>

#include <future>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;

/// The emulator on a free port, and a client of it.
struct socket_test : ::testing::Test {
  socket_test() {
    emulator_options options;
    options.listen = "127.0.0.1:0";
    auto started = emulator::start(io, options);
    EXPECT_TRUE(started.has_value());
    account = std::move(*started);
    http::client_options client_options;
    client_options.proxy = "none";
    client =
        std::make_unique<http::client>(io, *http::parse_origin(account->url()), client_options);
  }

  result<http::response> send(std::string method, std::string path, http::header_list headers = {},
                              std::string body = {}) {
    const auto resource = resource_of_path(path);
    const std::string date = format_http_date(system_clock_source().wall());
    headers.set("x-ms-date", date);
    headers.set("authorization",
                http::encode_segment("type=master&ver=1.0&sig="
                                     + sign(*http::crypto::base64_decode(account->key()), method,
                                            resource.type, resource.link, date, {})));
    std::promise<result<http::response>> answer;
    client->send({std::move(method), std::move(path), std::move(headers), std::move(body)}, 10s,
                 [&](result<http::response> r) { answer.set_value(std::move(r)); });
    return answer.get_future().get();
  }

  http::runtime io{2};
  std::unique_ptr<emulator> account;
  std::unique_ptr<http::client> client;
};

TEST_F(socket_test, serves_a_written_document_on_the_feed) {
  ASSERT_TRUE(account->create_container("db1", "c1", 1).has_value());
  http::header_list key;
  key.set("x-ms-documentdb-partitionkey", R"(["a b"])");
  http::header_list feed;
  feed.set("a-im", "Incremental Feed");

  const auto made = send("POST", "/dbs/db1/colls/c1/docs", key, R"({"id":"a b"})");
  const auto read = send("GET", "/dbs/db1/colls/c1/docs/a%20b", key);
  const auto page = send("GET", "/dbs/db1/colls/c1/docs", feed);

  ASSERT_TRUE(made && read && page);
  EXPECT_EQ(made->status, 201U);
  EXPECT_EQ(read->status, 200U);
  EXPECT_EQ(page->status, 200U);
  EXPECT_NE(page->body.view().find(R"("id":"a b")"), std::string_view::npos);
  EXPECT_EQ(page->headers.get("etag"), "\"1\"");
}

TEST_F(socket_test, the_account_names_the_address_that_was_used) {
  const auto r = send("GET", "/");

  ASSERT_TRUE(r.has_value());
  EXPECT_NE(r->body.view().find(account->url() + "/"), std::string_view::npos);
}

TEST_F(socket_test, a_304_keeps_the_connection_in_step) {
  ASSERT_TRUE(account->create_container("db1", "c1").has_value());
  http::header_list now;
  now.set("a-im", "Incremental Feed");
  now.set("if-none-match", "*");

  for (int i = 0; i < 3; ++i) {
    const auto r = send("GET", "/dbs/db1/colls/c1/docs", now);
    ASSERT_TRUE(r.has_value());
    EXPECT_EQ(r->status, 304U);
    EXPECT_TRUE(r->body.empty());
  }
}

TEST_F(socket_test, a_reset_rule_breaks_the_connection) {
  fault_rule rule;
  rule.on = operation::database;
  rule.kind = fault_kind::reset;
  rule.at_byte = 20;
  account->faults().add(rule);

  const auto r = send("GET", "/dbs");

  ASSERT_FALSE(r.has_value());
  EXPECT_TRUE(is_transient(r.error().code)) << to_string(r.error());
}

TEST_F(socket_test, a_second_container_of_a_name_is_a_conflict) {
  ASSERT_TRUE(account->create_container("db1", "c1").has_value());

  EXPECT_EQ(account->create_container("db1", "c1").error().code, errc::conflict);
  EXPECT_EQ(account->create_container("db1", "c2", 5000).error().code, errc::rejected);
}

TEST_F(socket_test, bad_options_and_a_taken_address_are_told_apart) {
  emulator_options options;
  options.listen = account->url().substr(std::string_view("http://").size());
  EXPECT_EQ(emulator::start(io, options).error().code, errc::unavailable);

  options.listen = "127.0.0.1:0";
  options.key = "not base64!";
  EXPECT_EQ(emulator::start(io, options).error().code, errc::rejected);

  options.key = well_known_key;
  options.default_ranges = 0;
  EXPECT_EQ(emulator::start(io, options).error().code, errc::rejected);
}

TEST_F(socket_test, serves_https_with_a_certificate_of_its_own) {
  emulator_options options;
  options.listen = "127.0.0.1:0";
  options.tls = true;

  const auto secure = emulator::start(io, options);

  ASSERT_TRUE(secure.has_value()) << to_string(secure.error());
  EXPECT_TRUE((*secure)->url().starts_with("https://"));
  EXPECT_NE((*secure)->certificate_pem().find("BEGIN CERTIFICATE"), std::string::npos);
}

} // namespace
} // namespace feedcast::emulator
