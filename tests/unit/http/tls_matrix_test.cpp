// Whom the HTTP client trusts: one certificate or protocol after the other, with what it says when
// it refuses. A server that is refused sees no byte of a request.
#include "support.hpp"
#include "tests/support/certificates.hpp"
#include "tests/support/tls_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace feedcast::http::testing {

namespace {

using feedcast::testing::certificate_request;
using feedcast::testing::certified;
using feedcast::testing::tls_server;
using feedcast::testing::tls_server_options;
using std::chrono::hours;
using ::testing::HasSubstr;

constexpr const char* host = "acme.documents.example";

certificate_request authority(const char* name) {
  certificate_request r;
  r.name = name;
  r.authority = true;
  return r;
}

certificate_request leaf() {
  certificate_request r;
  r.dns_names = {host};
  return r;
}

template <class Change>
certificate_request changed(certificate_request r, Change change) {
  change(r);
  return r;
}

/// What a server shows, and what the client trusts.
struct meeting {
  tls_server_options server;
  std::string trusted; ///< PEM
  std::string host = testing::host;
};

/// The usual three: root, intermediate, and a leaf.
meeting with(const certificate_request& root_wanted, const certificate_request& between_wanted,
             const certificate_request& leaf_wanted) {
  const auto root = certified::root(root_wanted);
  const auto between = root.issue(between_wanted);
  const auto own = between.issue(leaf_wanted);
  meeting m;
  m.server.chain = own.pem() + between.pem();
  m.server.key = own.key_pem();
  m.trusted = root.pem();
  return m;
}

meeting with_leaf(const certificate_request& leaf_wanted, const char* name = host) {
  auto m = with(authority("root"), authority("between"), leaf_wanted);
  m.host = name;
  return m;
}

meeting self_signed(bool trusted) {
  const auto own = certified::root(leaf());
  meeting m;
  m.server.chain = own.pem();
  m.server.key = own.key_pem();
  m.trusted = trusted ? own.pem() : certified::root(authority("another")).pem();
  return m;
}

meeting versions(int oldest, int newest) {
  auto m = with_leaf(leaf());
  m.server.oldest = oldest;
  m.server.newest = newest;
  return m;
}

meeting for_names(std::vector<std::string> names, const char* called) {
  return with_leaf(changed(leaf(), [&](auto& r) { r.dns_names = std::move(names); }), called);
}

meeting for_address(std::vector<std::string> addresses) {
  return with_leaf(changed(leaf(), [&](auto& r) { r.addresses = std::move(addresses); }),
                   "127.0.0.1");
}

struct matrix_row {
  const char* name;
  std::function<meeting()> make;
  const char* reason; ///< what the refusal says; "" = no refusal
};

void PrintTo(const matrix_row& r, std::ostream* out) {
  *out << r.name;
}

const auto expired = [](certificate_request& r) { r.begins = hours{-48}, r.ends = hours{-24}; };
const auto weak_key = [](certificate_request& r) { r.rsa_bits = 1024; };
const auto weak_digest = [](certificate_request& r) { r.digest = "SHA1"; };

const std::vector<matrix_row> matrix{
    {"a_whole_chain", [] { return with_leaf(leaf()); }, ""},
    {"a_key_of_rsa_2048",
     [] { return with_leaf(changed(leaf(), [](auto& r) { r.rsa_bits = 2048; })); }, ""},
    {"self_signed_and_trusted", [] { return self_signed(true); }, ""},
    {"self_signed", [] { return self_signed(false); }, "is self-signed and not trusted"},
    {"expired", [] { return with_leaf(changed(leaf(), expired)); }, "\"CN=server\" expired on 20"},
    {"expired_between",
     [] { return with(authority("root"), changed(authority("between"), expired), leaf()); },
     "\"CN=between\" expired on 20"},
    {"expired_root",
     [] { return with(changed(authority("root"), expired), authority("between"), leaf()); },
     "\"CN=root\" expired on 20"},
    {"not_yet_valid",
     [] { return with_leaf(changed(leaf(), [](auto& r) { r.begins = hours{12}; })); },
     "\"CN=server\" is not valid before 20"},
    {"wrong_host", [] { return for_names({"other.documents.example"}, host); },
     "is not made for host \"acme.documents.example\""},
    {"right_host_in_the_common_name_only",
     [] {
       return with_leaf(
           changed(leaf(), [](auto& r) { r.name = host, r.dns_names = {"x.example"}; }));
     },
     "is not made for host"},
    {"no_names_but_the_common_name",
     [] { return with_leaf(changed(leaf(), [](auto& r) { r.name = "other", r.dns_names = {}; })); },
     "is not made for host"},
    {"wildcard", [] { return for_names({"*.documents.example"}, host); }, ""},
    {"wildcard_too_deep",
     [] { return for_names({"*.documents.example"}, "a.acme.documents.example"); },
     "is not made for host"},
    {"wildcard_without_a_label",
     [] { return for_names({"*.documents.example"}, "documents.example"); },
     "is not made for host"},
    {"wildcard_in_the_middle", [] { return for_names({"acme.*.example"}, host); },
     "is not made for host"},
    {"wildcard_for_a_part", [] { return for_names({"ac*.documents.example"}, host); },
     "is not made for host"},
    {"wildcard_for_everything",
     [] {
       return for_names({"*", "*.example"}, host);
     },
     "is not made for host"},
    {"name_in_another_case", [] { return for_names({"ACME.Documents.Example"}, host); }, ""},
    {"address", [] { return for_address({"127.0.0.1"}); }, ""},
    {"another_address", [] { return for_address({"127.0.0.2"}); },
     "is not made for host \"127.0.0.1\""},
    {"address_written_as_a_name", [] { return for_names({"127.0.0.1"}, "127.0.0.1"); },
     "is not made for host \"127.0.0.1\""},
    {"unknown_authority",
     [] {
       auto m = with_leaf(leaf());
       m.trusted = certified::root(authority("another")).pem();
       return m;
     },
     "was issued by an unknown CA"},
    {"unknown_authority_of_the_same_name",
     [] {
       auto m = with_leaf(leaf());
       m.trusted = certified::root(authority("root")).pem();
       return m;
     },
     "bears a signature that is not of the CA it names"},
    {"unknown_authority_that_shows_itself",
     [] {
       auto m = with_leaf(leaf());
       m.server.chain += m.trusted;
       m.trusted = certified::root(authority("another")).pem();
       return m;
     },
     "is self-signed and not trusted"},
    {"missing_between",
     [] {
       auto m = with_leaf(leaf());
       m.server.chain.resize(m.server.chain.find("-----BEGIN", 1));
       return m;
     },
     "or the server leaves out the certificates in between"},
    {"issued_by_what_is_no_authority",
     [] {
       return with(authority("root"),
                   changed(authority("between"), [](auto& r) { r.authority = false; }), leaf());
     },
     "may not issue others"},
    {"made_for_clients",
     [] { return with_leaf(changed(leaf(), [](auto& r) { r.usage = "clientAuth"; })); },
     "is not made for servers"},
    {"signed_with_sha1", [] { return with_leaf(changed(leaf(), weak_digest)); },
     "signed with a digest that is too weak"},
    {"between_signed_with_sha1",
     [] { return with(authority("root"), changed(authority("between"), weak_digest), leaf()); },
     "signed with a digest that is too weak"},
    {"a_key_of_rsa_1024", [] { return with_leaf(changed(leaf(), weak_key)); },
     "has a key that is too short"},
    {"between_has_a_key_of_rsa_1024",
     [] { return with(authority("root"), changed(authority("between"), weak_key), leaf()); },
     "has a key that is too short"},
    {"tls_1_0", [] { return versions(TLS1_VERSION, TLS1_VERSION); },
     "does not offer TLS 1.2 or newer"},
    {"tls_1_1", [] { return versions(TLS1_1_VERSION, TLS1_1_VERSION); },
     "does not offer TLS 1.2 or newer"},
    {"tls_1_2", [] { return versions(TLS1_2_VERSION, TLS1_2_VERSION); }, ""},
    {"tls_1_3", [] { return versions(TLS1_3_VERSION, TLS1_3_VERSION); }, ""},
    {"anonymous_ciphers",
     [] {
       auto m = versions(TLS1_2_VERSION, TLS1_2_VERSION);
       m.server.ciphers = "aNULL:@SECLEVEL=0";
       return m;
     },
     "no cipher"},
    {"ciphers_that_hide_nothing",
     [] {
       auto m = versions(TLS1_2_VERSION, TLS1_2_VERSION);
       m.server.ciphers = "eNULL:@SECLEVEL=0";
       return m;
     },
     "no cipher"},
};

class tls_matrix : public ::testing::TestWithParam<matrix_row> {};

} // namespace

TEST_P(tls_matrix, is_accepted_or_refused_for_its_reason) {
  const auto m = GetParam().make();
  const tls_server server{m.server};
  const temporary_file trusted{m.trusted};
  const auto port = std::to_string(server.port());
  runtime io;
  client_options options;
  options.ca_file = trusted.path();
  options.proxy = m.host == "127.0.0.1" ? "none" : "http://127.0.0.1:" + port;
  client c{io, to("https://" + m.host + ":" + port), options};
  auto r = get_request("/");
  r.headers.set("authorization", "secret");

  const auto answer = send(c, std::move(r));

  EXPECT_GE(server.connections(), 1);
  if (*GetParam().reason == '\0') {
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 200U);
    EXPECT_EQ(server.requests(), 1);
    return;
  }
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::unavailable);
  EXPECT_THAT(answer.error().detail, HasSubstr("TLS"));
  EXPECT_THAT(answer.error().detail, HasSubstr(GetParam().reason));
  EXPECT_EQ(server.requests(), 0) << "nothing may be sent to whom we do not trust";
}

INSTANTIATE_TEST_SUITE_P(http, tls_matrix, ::testing::ValuesIn(matrix),
                         [](const auto& p) { return std::string{p.param.name}; });

} // namespace feedcast::http::testing
