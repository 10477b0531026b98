#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using testing::docs;
using testing::fields;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

constexpr std::string_view key_header = "x-ms-documentdb-partitionkey";

struct documents_test : ::testing::Test {
  documents_test() { account.make_container(2); }

  result_of_call create(std::string body, std::string_view key) {
    return account.send("POST", std::string(docs), {{key_header, key_of(key)}}, std::move(body));
  }

  result_of_call item(std::string method, std::string_view id, std::string body = {},
                      std::string_view name = "", std::string value = "") {
    return account.send(
        std::move(method), std::string(docs) + '/' + http::encode_segment(id),
        {{key_header, key_of(id)}, {name.empty() ? "x-none" : name, std::move(value)}},
        std::move(body));
  }

  test_client account;
};

TEST_F(documents_test, a_created_document_comes_back_with_its_system_members) {
  const auto made = create(R"({"id":"a","n":1.50})", "a");

  ASSERT_EQ(made.status(), 201U) << made.body;
  const auto json = made.json();
  EXPECT_EQ(json.at("_etag").as_string(), made.header("etag"));
  EXPECT_EQ(json.at("_ts"), 1767225600);
  EXPECT_EQ(json.at("_attachments"), "attachments/");
  EXPECT_FALSE(json.as_object().contains("_lsn"));
  EXPECT_EQ(made.body.find(R"({"id":"a","n":1.50,)"), 0U);
  EXPECT_EQ(item("GET", "a").body, made.body);
}

TEST_F(documents_test, every_answer_carries_session_and_paths) {
  const auto made = create(R"({"id":"a"})", "a");
  const auto read = item("GET", "a");

  for (const auto* r : {&made, &read}) {
    EXPECT_EQ(r->header("x-ms-session-token"), "1:-1#1"); // "a" hashes into the upper half
    EXPECT_EQ(r->header("lsn"), "1");
    EXPECT_EQ(r->header("x-ms-alt-content-path"), "dbs/db1/colls/c1");
    EXPECT_NE(r->header("x-ms-content-path"), "");
    EXPECT_NE(r->header("x-ms-resource-quota"), "");
  }
  EXPECT_EQ(made.header("x-ms-request-charge"), "5.00");
  EXPECT_EQ(read.header("x-ms-request-charge"), "1.00");
}

TEST_F(documents_test, creating_twice_is_a_conflict) {
  create(R"({"id":"a"})", "a");

  const auto again = create(R"({"id":"a"})", "a");

  EXPECT_EQ(again.status(), 409U);
  EXPECT_EQ(again.json().at("code"), "Conflict");
}

TEST_F(documents_test, an_upsert_creates_then_replaces) {
  const fields upsert = {{"x-ms-documentdb-is-upsert", "true"}, {key_header, key_of("a")}};

  EXPECT_EQ(account.send("POST", std::string(docs), upsert, R"({"id":"a"})").status(), 201U);
  EXPECT_EQ(account.send("POST", std::string(docs), upsert, R"({"id":"a","n":2})").status(), 200U);
  EXPECT_EQ(item("GET", "a").json().at("n"), 2);
}

TEST_F(documents_test, a_stale_etag_is_412_for_replace_upsert_and_delete) {
  const std::string stale = create(R"({"id":"a"})", "a").header("etag");
  const auto now = item("PUT", "a", R"({"id":"a","n":2})", "if-match", stale);
  ASSERT_EQ(now.status(), 200U);
  EXPECT_NE(now.header("etag"), stale);

  EXPECT_EQ(item("PUT", "a", R"({"id":"a"})", "if-match", stale).status(), 412U);
  EXPECT_EQ(item("DELETE", "a", "", "if-match", stale).status(), 412U);
  EXPECT_EQ(account
                .send("POST", std::string(docs),
                      {{"x-ms-documentdb-is-upsert", "True"},
                       {key_header, key_of("a")},
                       {"if-match", stale}},
                      R"({"id":"a"})")
                .status(),
            412U);
  EXPECT_EQ(item("PUT", "a", R"({"id":"a"})", "if-match", "*").status(), 200U);
}

TEST_F(documents_test, an_etag_changes_even_if_the_document_does_not) {
  const auto first = create(R"({"id":"a"})", "a");
  const auto second = item("PUT", "a", R"({"id":"a"})");

  EXPECT_NE(first.header("etag"), second.header("etag"));
  EXPECT_EQ(second.header("etag").front(), '"');
  EXPECT_EQ(second.header("etag").back(), '"');
}

TEST_F(documents_test, an_unchanged_read_is_304) {
  const auto made = create(R"({"id":"a"})", "a");

  const auto same = item("GET", "a", "", "if-none-match", made.header("etag"));

  EXPECT_EQ(same.status(), 304U);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(item("GET", "a", "", "if-none-match", "\"other\"").status(), 200U);
}

TEST_F(documents_test, bodies_are_left_out_only_on_demand) {
  const auto full = create(R"({"id":"a"})", "a");
  const auto minimal = item("PUT", "a", R"({"id":"a"})", "prefer", "return=minimal");

  EXPECT_NE(full.body, "");
  EXPECT_EQ(minimal.status(), 200U);
  EXPECT_EQ(minimal.body, "");
  EXPECT_NE(minimal.header("etag"), "");
}

TEST_F(documents_test, what_is_missing_is_404_without_substatus) {
  for (const char* method : {"GET", "DELETE"}) {
    const auto r = item(method, "none");
    EXPECT_EQ(r.status(), 404U) << method;
    EXPECT_EQ(r.header("x-ms-substatus"), "");
    EXPECT_EQ(r.json().at("code"), "NotFound");
  }
  EXPECT_EQ(item("PUT", "none", R"({"id":"none"})").status(), 404U);
}

TEST_F(documents_test, deleting_answers_204_without_body) {
  create(R"({"id":"a"})", "a");

  const auto r = item("DELETE", "a");

  EXPECT_EQ(r.status(), 204U);
  EXPECT_EQ(r.body, "");
  EXPECT_EQ(item("GET", "a").status(), 404U);
}

TEST_F(documents_test, points_are_not_found_under_another_partition_key) {
  create(R"({"id":"a"})", "a");

  const auto r = account.send("GET", std::string(docs) + "/a", {{key_header, key_of("b")}});

  EXPECT_EQ(r.status(), 404U);
}

TEST_F(documents_test, a_point_read_without_partition_key_is_refused) {
  create(R"({"id":"a"})", "a");

  EXPECT_EQ(account.send("GET", std::string(docs) + "/a").status(), 400U);
}

TEST_F(documents_test, a_key_header_that_contradicts_the_document_is_400_1001) {
  const auto r = create(R"({"id":"a"})", "b");

  EXPECT_EQ(r.status(), 400U);
  EXPECT_EQ(r.header("x-ms-substatus"), "1001");
}

TEST_F(documents_test, a_replace_can_not_rename) {
  create(R"({"id":"a"})", "a");

  EXPECT_EQ(
      account.send("PUT", std::string(docs) + "/a", {{key_header, key_of("a")}}, R"({"id":"b"})")
          .status(),
      400U);
}

TEST_F(documents_test, resource_ids_address_documents_without_key_header) {
  const auto made = create(R"({"id":"a"})", "a");
  const std::string self = '/' + std::string(made.json().at("_self").as_string());

  EXPECT_EQ(account.send("GET", self).body, made.body);
  EXPECT_EQ(account.send("PUT", self, {{"if-match", made.header("etag")}}, R"({"id":"a","n":1})")
                .status(),
            200U);
  EXPECT_EQ(account.send("DELETE", self).status(), 204U);
  EXPECT_EQ(account.send("GET", self).status(), 404U);
}

TEST_F(documents_test, lease_ids_with_dots_and_equal_signs_are_one_segment) {
  const std::string id = "acct.documents.azure.com_O7RwAA==_O7RwAKylJbY=..0";
  ASSERT_EQ(create(R"({"id":")" + id + "\"}", id).status(), 201U);

  EXPECT_EQ(item("GET", id).status(), 200U);
  EXPECT_EQ(item("GET", "..").status(), 404U);
}

TEST_F(documents_test, system_members_of_the_client_are_replaced) {
  const auto made = create(R"({"id":"a","_etag":"\"mine\"","_ts":1,"_rid":"r","_self":"s"})", "a");

  const auto json = made.json();
  EXPECT_EQ(json.as_object().size(), 6U);
  EXPECT_EQ(json.at("_ts"), 1767225600);
  EXPECT_EQ(made.header("etag"), std::string(json.at("_etag").as_string()));
}

TEST_F(documents_test, a_full_emulator_says_507_in_json) {
  const std::string fill(400'000, 'x');
  create(R"({"id":"a","x":")" + fill + "\"}", "a");
  create(R"({"id":"b","x":")" + fill + "\"}", "b");

  const auto r = create(R"({"id":"c","x":")" + fill + "\"}", "c");

  EXPECT_EQ(r.status(), 507U);
  EXPECT_EQ(r.json().at("code"), "InsufficientStorage");
  EXPECT_NE(r.body.find("--max-memory"), std::string::npos);
}

TEST_F(documents_test, batches_are_refused_clearly) {
  const auto r =
      account.send("POST", std::string(docs), {{"x-ms-cosmos-is-batch-request", "True"}}, "[]");

  EXPECT_EQ(r.status(), 400U);
  EXPECT_NE(r.body.find("batch"), std::string::npos);
}

} // namespace
} // namespace feedcast::emulator
