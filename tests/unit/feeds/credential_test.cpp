#include "fake_network.hpp"
#include "feeds/cosmos/credential.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::fake_network;
using test::reply;
using test::scripted;
using test::sent_request;

namespace {

constexpr const char* date = "Thu, 01 Jan 2026 00:00:00 GMT";

std::string header_of(credential& c) {
  std::string out = "no answer";
  c.prove([&](const result<proof_ptr>& p) {
    out = p ? (*p)->authorization({"GET", "", ""}, date) : "error: " + p.error().detail;
  });
  return out;
}

proof_ptr proof_of(credential& c) {
  proof_ptr out;
  c.prove([&](const result<proof_ptr>& p) { out = p ? *p : nullptr; });
  return out;
}

/// Answers of a token endpoint, in memory.
scripted token(const std::string& value, int seconds = 3600) {
  return reply(200, {},
               R"({"token_type":"Bearer","expires_in":)" + std::to_string(seconds)
                   + R"(,"access_token":")" + value + "\"}");
}

scripted refusal(unsigned status, const std::string& word, const std::string& description) {
  return reply(status, {},
               R"({"error":")" + word + R"(","error_description":")" + description + "\"}");
}

class aad_test : public testing::Test {
 protected:
  aad_test() {
    config_.tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    config_.client_id = "11111111-2222-3333-4444-555555555555";
    config_.client_secret = settings::secret{"s3cret&"};
    config_.authority = "https://login.microsoftonline.com/";
    network_->answer = [this](const sent_request&) { return answer_; };
  }

  void open() {
    settings::account_config account;
    account.endpoint = "https://acme.documents.azure.com:443/";
    account.aad = config_;
    credential_ = *make_credential(account, fake_network::factory(network_),
                                   fake_network::factory(nearby_), clock_);
  }

  const http::request& last() const { return network_->sent.back().request; }

  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  std::shared_ptr<fake_network> nearby_ = std::make_shared<fake_network>();
  test::manual_clock clock_;
  settings::aad_config config_;
  scripted answer_ = token("jwt");
  std::shared_ptr<credential> credential_;
};

} // namespace

TEST(credential, keys_sign_and_are_read_again_when_refused) {
  auto in_file = settings::secret{test::emulator_key};
  const auto c = *key_credential(in_file, [&] { return in_file; });
  const auto first = header_of(*c);
  EXPECT_EQ(first,
            "type%3Dmaster%26ver%3D1.0%26sig%3DPvSAkpCd8QmwlTkPJg3zttqzEEJwP1ep4%2B%2BLW953aJU%3D");
  const auto used = proof_of(*c);
  EXPECT_FALSE(c->refused(used, 401)) << "the file holds the same key";
  in_file = settings::secret{"no base64!"};
  EXPECT_FALSE(c->refused(used, 401));
  in_file = settings::secret{"bmV3IGtleQ=="};
  EXPECT_TRUE(c->refused(used, 401));
  EXPECT_NE(header_of(*c), first);
  EXPECT_TRUE(c->refused(used, 401)) << "what was sent with the old one may go again";
}

TEST(credential, resource_tokens_are_sent_encoded_once) {
  const auto plain =
      *resource_token_credential(settings::secret{"type=resource&ver=1&sig=a+/=;b;"}, {});
  EXPECT_EQ(header_of(*plain), "type%3Dresource%26ver%3D1%26sig%3Da%2B%2F%3D%3Bb%3B");
  const auto encoded = *resource_token_credential(
      settings::secret{"type%3dresource%26ver%3d1%26sig%3da%2b%2f%3d%3bb%3b"}, {});
  EXPECT_EQ(header_of(*encoded), header_of(*plain));
  EXPECT_FALSE(plain->refused(proof_of(*plain), 403)) << "it came from no file";
  const auto wrong = resource_token_credential(settings::secret{"hunter2"}, {});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().detail.find("hunter2"), std::string::npos);
}

TEST(credential, resource_tokens_are_renewed_by_whoever_writes_their_file) {
  const test::temporary_folder folder;
  folder.write("token", "type=resource&ver=1&sig=old");
  settings::account_config account;
  account.resource_token = settings::secret{"type=resource&ver=1&sig=old", folder.file("token")};
  const auto c = *make_credential(account, {}, {});
  folder.write("token", "type=resource&ver=1&sig=new\n");
  EXPECT_TRUE(c->refused(proof_of(*c), 403)) << "an expired one is answered with 403";
  EXPECT_EQ(header_of(*c), "type%3Dresource%26ver%3D1%26sig%3Dnew");
}

TEST_F(aad_test, a_client_secret_is_exchanged_for_a_token_of_the_account) {
  open();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  ASSERT_EQ(network_->sent.size(), 1U);
  EXPECT_EQ(network_->sent[0].server.to_string(), "https://login.microsoftonline.com:443");
  EXPECT_EQ(last().method, "POST");
  EXPECT_EQ(last().target, "/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token");
  EXPECT_EQ(last().headers.get("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(last().body, "grant_type=client_credentials"
                         "&client_id=11111111-2222-3333-4444-555555555555&client_secret=s3cret%26"
                         "&scope=https%3A%2F%2Facme.documents.azure.com%2F.default");
  header_of(*credential_);
  EXPECT_EQ(network_->sent.size(), 1U) << "a token serves many requests";
}

TEST_F(aad_test, a_tenant_that_does_not_know_the_account_is_asked_for_cosmos_db_as_such) {
  network_->answer = [](const sent_request& s) {
    if (s.request.body.find("acme") != std::string::npos)
      return refusal(400, "invalid_resource", "AADSTS500011: The resource principal named ...");
    return token("jwt");
  };
  open();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  EXPECT_TRUE(last().body.ends_with("&scope=https%3A%2F%2Fcosmos.azure.com%2F.default"));
  EXPECT_EQ(network_->sent.size(), 2U);
  clock_.advance(2h);
  header_of(*credential_);
  EXPECT_EQ(network_->sent.size(), 3U) << "it is remembered";
}

TEST_F(aad_test, a_tenant_that_knows_neither_is_not_asked_for_ever) {
  answer_ = refusal(400, "invalid_resource", "AADSTS500011: The resource principal named ...");
  open();
  EXPECT_NE(header_of(*credential_).find("AADSTS500011"), std::string::npos);
  EXPECT_EQ(network_->sent.size(), 2U);
}

TEST_F(aad_test, refusals_say_what_to_mend_and_nothing_of_the_answers_text) {
  answer_ = refusal(401, "invalid_client", "AADSTS7000222: The client secret s3cret& has expired");
  open();
  const auto text = header_of(*credential_);
  EXPECT_NE(
      text.find("answered 401 (invalid_client): AADSTS7000222, the client secret has expired"),
      std::string::npos)
      << text;
  EXPECT_EQ(text.find("s3cret"), std::string::npos);
}

TEST_F(aad_test, a_changed_client_secret_is_read_for_the_next_token) {
  const test::temporary_folder folder;
  folder.write("secret", "old\n");
  config_.client_secret = settings::secret{"old", folder.file("secret")};
  answer_ = refusal(401, "invalid_client", "AADSTS7000222: expired");
  open();
  header_of(*credential_);
  EXPECT_NE(last().body.find("client_secret=old&"), std::string::npos);
  folder.write("secret", "new\n");
  answer_ = token("jwt");
  clock_.advance(2s);
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  EXPECT_NE(last().body.find("client_secret=new&"), std::string::npos);
}

TEST_F(aad_test, a_workload_proves_itself_by_its_token_file) {
  const test::temporary_folder folder;
  config_.identity = "workload_identity";
  folder.write("token", "federated");
  config_.token_file = folder.file("token");
  config_.client_secret = {};
  open();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  EXPECT_EQ(
      last().body,
      "grant_type=client_credentials&client_id=11111111-2222-3333-4444-555555555555"
      "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer"
      "&client_assertion=federated"
      "&scope=https%3A%2F%2Facme.documents.azure.com%2F.default");
  folder.write("token", "rotated");
  clock_.advance(2h);
  header_of(*credential_);
  EXPECT_NE(last().body.find("client_assertion=rotated"), std::string::npos);
}

TEST_F(aad_test, a_workload_without_its_token_file_says_so) {
  config_.identity = "workload_identity";
  config_.token_file = "/nowhere/token";
  open();
  EXPECT_EQ(header_of(*credential_), "error: aad of acme.documents.azure.com: the token file "
                                     "/nowhere/token can't be read, or is empty");
  EXPECT_TRUE(network_->sent.empty());
}

TEST_F(aad_test, a_managed_identity_is_asked_at_the_metadata_service_past_any_proxy) {
  config_ = {};
  config_.identity = "managed_identity";
  config_.identity_endpoint = "http://169.254.169.254/metadata/identity/oauth2/token";
  nearby_->answer = [](const sent_request&) {
    return reply(200, {}, R"({"access_token":"jwt","expires_in":"86000","token_type":"Bearer"})");
  };
  open();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  EXPECT_TRUE(network_->sent.empty());
  const auto& sent = nearby_->sent.at(0);
  EXPECT_EQ(sent.server.to_string(), "http://169.254.169.254:80");
  EXPECT_EQ(sent.request.method, "GET");
  EXPECT_EQ(sent.request.target, "/metadata/identity/oauth2/token?api-version=2018-02-01"
                                 "&resource=https%3A%2F%2Facme.documents.azure.com");
  EXPECT_EQ(sent.request.headers.get("metadata"), "true");
}

TEST_F(aad_test, app_services_endpoint_wants_its_header) {
  config_ = {};
  config_.identity = "managed_identity";
  config_.client_id = "42";
  config_.identity_endpoint = "http://169.254.255.2:8081/msi/token";
  config_.identity_header = settings::secret{"header-secret"};
  nearby_->answer = [](const sent_request&) {
    return reply(200, {}, R"({"access_token":"jwt","expires_on":"1767229200"})");
  };
  open();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  const auto& sent = nearby_->sent.at(0).request;
  EXPECT_EQ(sent.target, "/msi/token?api-version=2019-08-01"
                         "&resource=https%3A%2F%2Facme.documents.azure.com&client_id=42");
  EXPECT_EQ(sent.headers.get("x-identity-header"), "header-secret");
  EXPECT_FALSE(sent.headers.has("metadata"));
}

TEST_F(aad_test, only_a_401_asks_for_another_token) {
  open();
  header_of(*credential_);
  clock_.advance(1min);
  EXPECT_FALSE(credential_->refused(proof_of(*credential_), 403)) << "a role is missing";
  answer_ = token("next");
  EXPECT_TRUE(credential_->refused(proof_of(*credential_), 401));
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Dnext");
}

TEST_F(aad_test, a_slow_endpoint_holds_nobody_up_while_the_token_is_good) {
  open();
  header_of(*credential_);
  network_->hold = true;
  clock_.advance(45min);
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Djwt");
  answer_ = token("next");
  network_->release();
  EXPECT_EQ(header_of(*credential_), "type%3Daad%26ver%3D1.0%26sig%3Dnext");
}

TEST_F(aad_test, wrong_endpoints_are_refused) {
  settings::account_config account;
  account.endpoint = "https://acme.documents.azure.com:443/";
  account.aad = config_;
  account.aad->authority = "http://login.microsoftonline.com/";
  EXPECT_FALSE(make_credential(account, fake_network::factory(network_), {}, clock_));
  account.aad->identity = "managed_identity";
  account.aad->identity_endpoint = "http://10.0.0.1/token";
  EXPECT_FALSE(make_credential(account, {}, fake_network::factory(nearby_), clock_));
}

} // namespace feedcast::cosmos
