// The tables of bad leases, account documents and positions: each is refused with its outcome.
#include "change_feed_fixture.hpp"
#include "feeds/cosmos/account_document.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "feeds/cosmos/lease_query.hpp"
#include "tests/support/bad_inputs.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

using feedcast::testing::bad_input;

std::vector<bad_input> table(const std::string& name) {
  auto all = feedcast::testing::read_bad_inputs(SOURCE_FOLDER, "feeds/data/" + name);
  ::testing::Test::RecordProperty("bad_inputs", static_cast<int>(all.size()));
  return all;
}

template <class T>
void expect_refused(const result<T>& got, const bad_input& input) {
  SCOPED_TRACE(input.name);
  EXPECT_FALSE(got);
  if (!got) {
    EXPECT_EQ(to_string(got.error().code), input.outcome) << got.error().detail;
  }
}

} // namespace

TEST(bad_documents, leases_are_refused_with_their_listed_outcome) {
  const auto ids = *lease_ids::make("P", "host", "d", "c");
  const auto good = R"({"id":")" + ids.lease("0") + R"(","_etag":"e","LeaseToken":"0"})";
  for (const auto& input : table("bad_leases.tsv")) {
    expect_refused(read_lease(input.text, ids), input);
    std::vector<boost::json::object> listed;
    const auto page =
        append_documents(R"({"Documents":[)" + good + "," + input.text + "]}", listed);
    expect_refused(page ? read_leases(listed, ids) : result<std::vector<lease>>{page.error()},
                   input);
  }
}

TEST(bad_documents, accounts_are_refused_with_their_listed_outcome) {
  const auto configured = *http::parse_origin("https://acme.documents.azure.com");
  for (const auto& input : table("bad_accounts.tsv"))
    expect_refused(parse_account(input.text, configured), input);
}

using bad_positions = test::change_feed_fixture;

TEST_F(bad_positions, make_their_page_what_is_listed) {
  for (const auto& input : table("bad_positions.tsv")) {
    page_ = page(input.text);
    expect_refused(fetch(after("\"23\"")), input);
    EXPECT_EQ(last_headers().get("if-none-match"), "\"23\"") << input.name;
  }
}

} // namespace feedcast::cosmos
