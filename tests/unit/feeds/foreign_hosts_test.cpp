// Nothing that an account answers makes us talk to a stranger: not an endpoint in its document, not
// a redirect. Over real sockets and TLS; the account is behind a proxy that sees every host asked
// for.
#include "fake_network.hpp"
#include "feeds/cosmos/account.hpp"
#include "feeds/cosmos/http_transport.hpp"
#include "tests/contract/await.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/tls_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace feedcast::cosmos {

namespace {

using feedcast::testing::certified;
using feedcast::testing::tls_server;
using feedcast::testing::tls_server_options;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* home = "acme.documents.example:443";

std::string http_answer(const std::string& status_and_headers, const std::string& body) {
  return "HTTP/1.1 " + status_and_headers + "Connection: close\r\nContent-Length: "
         + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string document_naming(const std::string& url) {
  const auto location = R"([{"name":"West US","databaseAccountEndpoint":")" + url + R"("}])";
  return R"({"id":"acme","writableLocations":)" + location + R"(,"readableLocations":)" + location
         + "}";
}

/// A server that is trusted and named like the account, and like anybody else whom the account may
/// name: only our own rules are in the way.
class foreign_hosts : public ::testing::Test {
 protected:
  foreign_hosts() {
    auto folder = (std::filesystem::temp_directory_path() / "feedcast-hosts-XXXXXX").string();
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    std::ofstream{folder_ / "ca.pem"} << identity_.pem();
  }

  ~foreign_hosts() override { std::filesystem::remove_all(folder_); }

  tls_server_options serving(std::string answer) const {
    tls_server_options o;
    o.chain = identity_.pem();
    o.key = identity_.key_pem();
    o.answer = std::move(answer);
    return o;
  }

  result<http::response> ask(const tls_server& behind) {
    http::client_options options;
    options.ca_file = (folder_ / "ca.pem").string();
    options.proxy = "http://127.0.0.1:" + std::to_string(behind.port());
    account_options account;
    account.name = "main";
    account.endpoint = std::string{"https://"} + home + "/";
    account.key = settings::secret{test::emulator_key};
    const auto opened = *account::open(account, http_transports(io_, options));
    return test::await<http::response>([&](auto done) {
      opened->send(collection_ref::make("db", "c")->read(), access::read, std::chrono::seconds{10},
                   std::move(done));
    });
  }

  http::runtime io_;
  certified identity_ =
      certified::root({.name = "everybody",
                       .dns_names = {"acme.documents.example", "acme-westus.documents.example",
                                     "*.evil.example", "evil.example"},
                       .addresses = {"127.0.0.1", "127.0.0.2"}});
  std::filesystem::path folder_;
};

} // namespace

TEST_F(foreign_hosts, a_region_of_the_account_is_followed) {
  const tls_server account{serving(
      http_answer("200 OK\r\n", document_naming("https://acme-westus.documents.example/")))};

  EXPECT_TRUE(ask(account));
  EXPECT_THAT(account.tunnels(), ElementsAre("acme-westus.documents.example:443", home));
}

TEST_F(foreign_hosts, that_an_account_names_are_never_connected_to) {
  const tls_server decoy{serving(http_answer("200 OK\r\n", "{}"))};
  const auto port = std::to_string(decoy.port());
  for (const auto& url : {"https://127.0.0.1:" + port + "/",
                          "http://127.0.0.1:" + port + "/",
                          "https://localhost:" + port + "/",
                          "https://127.0.0.2:" + port + "/",
                          "https://[::ffff:127.0.0.1]:" + port + "/",
                          std::string{"https://evil.example/"},
                          std::string{"https://acme.evil.example/"},
                          std::string{"https://169.254.169.254/"},
                          std::string{"https://acme.documents.example.evil.example/"},
                          std::string{"https://acme.documents.example@evil.example/"},
                          std::string{"https://evil.example/acme.documents.example/"},
                          std::string{"https://evil.example?acme.documents.example"},
                          std::string{"https://evil.example#.documents.example"},
                          std::string{"https://evil.example\\\\.documents.example/"},
                          std::string{"https://documents.example/"},
                          std::string{"https://.documents.example/"},
                          std::string{"http://acme-westus.documents.example/"},
                          std::string{"ftp://acme-westus.documents.example/"},
                          std::string{"//evil.example/"},
                          std::string{"https://evil.example\\r\\nHost: acme.documents.example/"},
                          std::string{"https://evil.example\\u0000.documents.example/"}}) {
    SCOPED_TRACE(url);
    const tls_server account{serving(http_answer("200 OK\r\n", document_naming(url)))};

    const auto answer = ask(account);

    ASSERT_FALSE(answer);
    EXPECT_THAT(answer.error().detail, HasSubstr("account main"));
    EXPECT_THAT(account.tunnels(), ElementsAre(home)) << "only the configured host was asked for";
  }
  EXPECT_EQ(decoy.connections(), 0);
}

TEST_F(foreign_hosts, that_a_redirect_names_are_never_connected_to) {
  const tls_server decoy{
      serving(http_answer("200 OK\r\n", document_naming("https://evil.example/")))};
  for (const auto* status : {"300 Multiple Choices", "301 Moved", "302 Found", "303 See Other",
                             "305 Use Proxy", "307 Temporary Redirect", "308 Permanent Redirect"})
    for (const auto& to : {"https://127.0.0.1:" + std::to_string(decoy.port()) + "/",
                           std::string{"https://acme-westus.documents.example/"}}) {
      SCOPED_TRACE(status);
      const tls_server account{
          serving(http_answer(std::string{status} + "\r\nLocation: " + to + "\r\n", ""))};

      const auto answer = ask(account);

      ASSERT_FALSE(answer);
      EXPECT_THAT(answer.error().detail, HasSubstr(std::string{status}.substr(0, 3)));
      EXPECT_THAT(account.tunnels(), ElementsAre(home));
    }
  EXPECT_EQ(decoy.connections(), 0);
}

TEST_F(foreign_hosts, the_decoy_would_notice) {
  const tls_server decoy{serving(http_answer("200 OK\r\n", "{}"))};
  http::client_options options;
  options.ca_file = (folder_ / "ca.pem").string();
  options.proxy = "none";
  const auto wire = http_transports(io_, options)(
      *http::parse_origin("https://127.0.0.1:" + std::to_string(decoy.port())));

  EXPECT_TRUE(test::await<http::response>(
      [&](auto done) { wire->send({}, std::chrono::seconds{10}, std::move(done)); }));
  EXPECT_EQ(decoy.connections(), 1);
}

} // namespace feedcast::cosmos
