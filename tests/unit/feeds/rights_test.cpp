#include "fake_network.hpp"
#include "feeds/cosmos/rights.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::cosmos {

using test::account_answer;
using test::fake_network;
using test::reply;
using test::scripted;
using test::sent_request;

namespace {

/// A container that keeps documents, and refuses the methods of `forbidden`.
class rights_test : public testing::Test {
 protected:
  rights_test() {
    network_->answer = [this](const sent_request& s) { return answer(s.request); };
    account_ = *account::open(test::local_account(), fake_network::factory(network_), clock_);
  }

  scripted answer(const http::request& r) {
    if (r.target == "/")
      return account_answer({{"West US", 8081}});
    const bool query = r.headers.get("x-ms-documentdb-isquery") == "True";
    const auto name = query ? std::string{"QUERY"} : r.method;
    const bool document = r.target.find("/docs") != std::string::npos;
    if (forbidden_.contains(document ? name : "CONTAINER"))
      return reply(403, {{"x-ms-substatus", "5301"}}, R"({"message":"blocked"})");
    if (!document)
      return reply(200, {}, "{}");
    if (query)
      return reply(200, {}, R"({"_rid":"x","Documents":[],"_count":0})");
    if (name == "POST")
      return ++made_, ++kept_, reply(201, {}, "{}");
    if (name == "DELETE" && kept_ > 0)
      return --kept_, reply(204);
    return reply(404);
  }

  /// The probes that are refused.
  std::set<std::string> refused() {
    std::set<std::string> out;
    for (const auto& probe :
         lease_rights(account_, *collection_ref::make("db", "leases"), "check-"))
      probe.ask([&](const result<bool>& r) {
        if (r)
          return;
        EXPECT_EQ(r.error().code, errc::forbidden) << r.error().detail;
        out.insert(probe.what);
      });
    return out;
  }

  using names = std::set<std::string>;
  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  test::manual_clock clock_;
  std::shared_ptr<account> account_;
  names forbidden_;
  int made_ = 0;
  int kept_ = 0;
};

} // namespace

TEST_F(rights_test, with_all_of_them_one_document_is_created_and_removed) {
  EXPECT_EQ(refused(), names{});
  EXPECT_EQ(made_, 1);
  EXPECT_EQ(kept_, 0);
}

TEST_F(rights_test, each_that_is_missing_is_named) {
  for (const auto& [method, what] :
       {std::pair{"CONTAINER", "read the lease container"}, std::pair{"QUERY", "list leases"},
        std::pair{"GET", "read leases"}, std::pair{"PUT", "replace leases"},
        std::pair{"POST", "create leases"}}) {
    forbidden_ = {method};
    EXPECT_EQ(refused(), names{what});
    EXPECT_EQ(kept_, 0);
  }
}

TEST_F(rights_test, nothing_is_created_that_could_not_be_removed) {
  forbidden_ = {"DELETE"};
  EXPECT_EQ(refused(), (names{"delete leases", "create leases"}));
  EXPECT_EQ(made_, 0);
}

TEST_F(rights_test, of_a_feed_are_its_account_and_its_container) {
  forbidden_ = {"CONTAINER"};
  std::vector<std::string> refused;
  for (const auto& probe : feed_rights(account_, *collection_ref::make("db", "whisks")))
    probe.ask([&](const result<bool>& r) {
      if (!r)
        refused.push_back(probe.what + ": " + probe.action);
    });
  EXPECT_EQ(refused,
            std::vector<std::string>{"read the feed's container: "
                                     "Microsoft.DocumentDB/databaseAccounts/readMetadata"});
}

} // namespace feedcast::cosmos
