#include "http/crypto/certificate.hpp"
#include "raw_socket.hpp"
#include "support.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace feedcast::http::testing {

namespace {

using std::chrono::hours;
using std::chrono::system_clock;

handler hello() {
  return [](server_request r, responder done) { done(text("hello " + r.message.body)); };
}

crypto::certificate_options valid() {
  crypto::certificate_options out;
  out.not_before = system_clock::now() - hours{1};
  out.not_after = system_clock::now() + hours{1};
  return out;
}

/// A TLS server with this certificate, and a file with it for those who trust it.
class tls_server {
 public:
  explicit tls_server(runtime& io, const crypto::certificate_options& wanted = valid())
      : identity_(crypto::make_self_signed(wanted).value())
      , certificate_(identity_.certificate)
      , key_(identity_.key) {
    server_options options;
    options.tls = true;
    options.certificate_file = certificate_.path();
    options.key_file = key_.path();
    server_ = serve(io, hello(), options);
  }

  std::string url(const std::string& host = "localhost") const {
    return "https://" + host + ":" + std::to_string(server_->port());
  }

  std::string ca_file() const { return certificate_.path(); }

 private:
  crypto::identity identity_;
  temporary_file certificate_;
  temporary_file key_;
  std::unique_ptr<server> server_;
};

result<response> ask(runtime& io, const std::string& url, const std::string& ca_file) {
  client_options options;
  options.ca_file = ca_file;
  client c{io, to(url), options};
  return send(c);
}

void expect_refused(const result<response>& answer, const std::string& reason) {
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_NE(answer.error().detail.find("TLS"), std::string::npos) << answer.error().detail;
  EXPECT_NE(answer.error().detail.find(reason), std::string::npos) << answer.error().detail;
}

TEST(tls, a_trusted_certificate_is_accepted_by_name_and_address) {
  runtime io{2};
  const tls_server s{io};

  EXPECT_EQ(ask(io, s.url("localhost"), s.ca_file()).value().body.view(), "hello ");
  EXPECT_EQ(ask(io, s.url("127.0.0.1"), s.ca_file()).value().body.view(), "hello ");
}

TEST(tls, a_self_signed_certificate_is_refused_with_a_way_out) {
  runtime io;
  const tls_server s{io};

  const auto answer = ask(io, s.url(), "");

  expect_refused(answer, "self-signed");
  expect_refused(answer, "ca_file");
  expect_refused(answer, "SSL_CERT_FILE");
}

TEST(tls, another_certificate_of_the_same_name_is_not_trusted) {
  runtime io;
  const tls_server s{io};
  const temporary_file other{crypto::make_self_signed(valid()).value().certificate};

  expect_refused(ask(io, s.url(), other.path()), "certificate");
}

TEST(tls, a_certificate_for_another_host_is_refused) {
  runtime io;
  auto wanted = valid();
  wanted.dns_names = {"elsewhere.example"};
  wanted.addresses = {"192.0.2.1"};
  const tls_server s{io, wanted};

  expect_refused(ask(io, s.url("localhost"), s.ca_file()), "not made for host \"localhost\"");
  expect_refused(ask(io, s.url("127.0.0.1"), s.ca_file()), "not made for host \"127.0.0.1\"");
}

TEST(tls, the_common_name_is_no_substitute_for_a_name_in_the_san) {
  runtime io;
  auto wanted = valid();
  wanted.common_name = "localhost";
  wanted.dns_names = {"elsewhere.example"};
  const tls_server s{io, wanted};

  expect_refused(ask(io, s.url("localhost"), s.ca_file()), "not made for host");
}

TEST(tls, an_expired_certificate_is_refused_with_its_date) {
  runtime io;
  auto wanted = valid();
  wanted.not_before = parse_iso8601("2020-01-01T00:00:00Z").value();
  wanted.not_after = parse_iso8601("2021-01-01T00:00:00Z").value();
  const tls_server s{io, wanted};

  expect_refused(ask(io, s.url(), s.ca_file()), "expired on 2021-01-01");
}

TEST(tls, a_certificate_from_the_future_is_refused_with_its_date) {
  runtime io;
  auto wanted = valid();
  wanted.not_before = parse_iso8601("2090-01-01T00:00:00Z").value();
  wanted.not_after = parse_iso8601("2091-01-01T00:00:00Z").value();
  const tls_server s{io, wanted};

  expect_refused(ask(io, s.url(), s.ca_file()), "not valid before 2090-01-01");
}

TEST(tls, the_environment_can_name_the_trusted_certificates) {
  runtime io;
  const tls_server s{io};
  const scoped_variable trusted{"SSL_CERT_FILE", s.ca_file()};

  EXPECT_TRUE(ask(io, s.url(), ""));
}

TEST(tls, an_unusable_ca_file_is_rejected_by_name) {
  runtime io;
  const temporary_file nonsense{"not a certificate"};
  for (const auto& file : {std::string{"/nowhere/ca.pem"}, nonsense.path()}) {
    const auto answer = ask(io, "https://localhost:1", file);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::rejected);
    EXPECT_NE(answer.error().detail.find(file), std::string::npos) << answer.error().detail;
  }
}

TEST(tls, a_server_makes_its_own_certificate) {
  runtime io;
  server_options options;
  options.tls = true;
  const auto s = serve(io, hello(), options);
  const temporary_file ca{s->certificate_pem()};
  const auto port = std::to_string(s->port());

  EXPECT_EQ(s->url(), "https://127.0.0.1:" + port);
  EXPECT_TRUE(ask(io, "https://localhost:" + port, ca.path()));
  EXPECT_TRUE(ask(io, "https://127.0.0.1:" + port, ca.path()));
}

TEST(tls, a_server_refuses_files_that_do_not_fit) {
  runtime io;
  const auto a = crypto::make_self_signed(valid()).value();
  const auto b = crypto::make_self_signed(valid()).value();
  const temporary_file certificate{a.certificate};
  const temporary_file other_key{b.key};
  server_options options;
  options.tls = true;

  options.certificate_file = certificate.path();
  EXPECT_EQ(server::start(io, options, hello()).error().code, errc::rejected);
  options.key_file = other_key.path();
  EXPECT_EQ(server::start(io, options, hello()).error().code, errc::rejected);
  options.key_file = "/nowhere/key.pem";
  const auto missing = server::start(io, options, hello());
  EXPECT_NE(missing.error().detail.find("/nowhere/key.pem"), std::string::npos);
}

TEST(tls, names_that_would_break_out_of_the_certificate_are_refused) {
  auto wanted = valid();
  wanted.dns_names = {"a,DNS:b"};
  EXPECT_FALSE(crypto::make_self_signed(wanted));
  wanted.dns_names = {"a"};
  wanted.addresses = {"not an address"};
  EXPECT_FALSE(crypto::make_self_signed(wanted));
}

TEST(tls, bodies_of_all_sizes_pass) {
  runtime io{2};
  const tls_server s{io};
  client_options options;
  options.ca_file = s.ca_file();
  client c{io, to(s.url()), options};

  for (const std::size_t size : {0U, 1U, 12'000U, 16'384U, 100'000U, 3'000'000U}) {
    const std::string body(size, 'b');
    EXPECT_TRUE(send(c, post_request("/", body)).value().body.view() == "hello " + body) << size;
  }
}

TEST(tls, a_cut_answer_is_malformed) {
  runtime io;
  server_options with_tls;
  with_tls.tls = true;
  const auto s = serve(
      io,
      [](server_request, responder done) {
        auto answer = text(std::string(1'000, 'x'));
        answer.cut_after = 900;
        done(std::move(answer));
      },
      with_tls);
  const temporary_file ca{s->certificate_pem()};

  const auto answer = ask(io, s->url(), ca.path());

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::malformed);
}

TEST(tls, a_server_without_tls_is_recognised) {
  runtime io;
  const auto s = serve(io, hello());

  expect_refused(ask(io, "https://127.0.0.1:" + std::to_string(s->port()), ""),
                 "does not speak TLS");
}

TEST(tls, a_handshake_that_hangs_meets_the_connect_timeout) {
  runtime io;
  raw_server s{[](raw_socket& peer, int) { peer.read_all(); }};
  client_options options;
  options.connect_timeout = milliseconds{50};
  client c{io, to("https://127.0.0.1:" + std::to_string(s.port())), options};

  expect_refused(send(c), "50 ms");
}

TEST(tls, a_client_that_never_shakes_hands_is_cut_off) {
  runtime io;
  server_options options;
  options.tls = true;
  options.header_timeout = milliseconds{50};
  const auto s = serve(io, hello(), options);
  auto peer = raw_socket::connect(s->port());

  EXPECT_EQ(peer.read_all(), "");
}

} // namespace

} // namespace feedcast::http::testing
