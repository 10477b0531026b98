#include "feeds/couchdb/rows.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::couchdb {

namespace {

using kind = row_facts::kind;

struct reading {
  row_facts facts;
  std::string seq;
  std::string page;
};

reading read(const std::string& row, row_options options = {}, const std::string& before = {}) {
  row_reader reader{std::move(options)};
  padded_buffer page{before};
  const padded_buffer padded{row};
  reading out;
  out.facts = reader.read(padded.view(), page);
  out.seq = out.facts.seq;
  out.page = page.view();
  return out;
}

const row_options with_documents{true, false, "clusterId"};
const row_options with_subjects{true, true, ""};

} // namespace

TEST(couchdb_rows_parsed, members_may_come_in_any_order) {
  const auto* wanted = R"({"id":"guest/hello","_deleted":true})";
  for (const auto* row :
       {R"({"seq":"1-a","id":"guest/hello","changes":[],"deleted":true})",
        R"({"deleted":true,"changes":[{"rev":"1-a"}],"id":"guest/hello","seq":"1-a"})",
        R"({ "id" : "guest/hello" , "deleted" : true , "seq" : "1-a" })"}) {
    const auto got = read(row);
    EXPECT_EQ(got.page, wanted) << row;
    EXPECT_EQ(got.seq, "\"1-a\"") << row;
    EXPECT_EQ(got.facts.what, kind::change);
  }
}

TEST(couchdb_rows_parsed, rows_are_put_behind_each_other) {
  EXPECT_EQ(read(R"({"id":"b"})", {}, R"({"Documents":[)").page, R"({"Documents":[{"id":"b"})");
  EXPECT_EQ(read(R"({"id":"b"})", {}, R"([{"id":"a"})").page, R"([{"id":"a"},{"id":"b"})");
}

TEST(couchdb_rows_parsed, text_is_taken_over_as_it_came) {
  for (const auto* id : {"guest/a b", "caf\xc3\xa9", "\\u00e9\\n\\\"", "_design/f"})
    EXPECT_EQ(read("{\"seq\":\"1\",\"id\":\"" + std::string{id} + "\"}").page,
              "{\"id\":\"" + std::string{id} + "\"}");
}

TEST(couchdb_rows_parsed, a_sequence_may_be_a_text_a_number_or_nothing) {
  EXPECT_EQ(read(R"({"id":"a","seq":"5-g1AAAA"})").seq, "\"5-g1AAAA\"");
  EXPECT_EQ(read(R"({"id":"a","seq":5})").seq, "5");
  EXPECT_EQ(read(R"({"id":"a","seq":null})").seq, "");
  EXPECT_EQ(read(R"({"id":"a"})").seq, "");
}

TEST(couchdb_rows_parsed, an_end_says_where_and_how_much_is_behind) {
  auto end = read(R"({"last_seq":"9-a","pending":3})");
  EXPECT_EQ(end.facts.what, kind::end);
  EXPECT_EQ(end.seq, "\"9-a\"");
  EXPECT_EQ(end.facts.pending, 3U);
  EXPECT_EQ(end.page, "");
  end = read("{\"results\":[],\n\"last_seq\":7,\"pending\":null}");
  EXPECT_EQ(end.facts.what, kind::end);
  EXPECT_EQ(end.seq, "7");
  EXPECT_EQ(end.facts.pending, std::nullopt);
  end = read(R"({"last_seq":null})");
  EXPECT_EQ(end.facts.what, kind::end);
  EXPECT_EQ(end.seq, "");
}

TEST(couchdb_rows_parsed, an_error_in_the_place_of_a_row_is_one) {
  const auto got = read(R"({"error":"nodedown","reason":"progress not possible"})");
  EXPECT_EQ(got.facts.what, kind::error);
  EXPECT_EQ(got.facts.why.code, errc::unavailable);
  EXPECT_NE(got.facts.why.detail.find("nodedown"), std::string::npos);
  EXPECT_EQ(got.page, "");
}

TEST(couchdb_rows_parsed, of_a_document_only_what_matters_is_taken) {
  const auto* row =
      R"({"seq":"1","id":"a","doc":{"_id":"a","_rev":"1-a","entityType":"action","name":"x",)"
      R"("namespaces":[{"name":"n"}],"uuid":"u","clusterId":"eu1","_attachments":{}}})";
  EXPECT_EQ(read(row).page, R"({"id":"a"})");
  EXPECT_EQ(read(row, with_documents).page,
            R"({"id":"a","entityType":"action","_clusterId":"eu1"})");
  EXPECT_EQ(read(row, with_subjects).page,
            R"({"id":"a","entityType":"action","namespaces":[{"name":"n"}],"uuid":"u"})");
}

TEST(couchdb_rows_parsed, a_stamp_of_another_type_or_name_is_none) {
  for (const auto* stamp : {R"("clusterId":5)", R"("clusterId":null)", R"("clusterId":{"a":1})",
                            R"("clusterIds":"eu1")", R"("cluster":"eu1")", R"("ClusterId":"eu1")"})
    EXPECT_EQ(read(std::string{R"({"id":"a","doc":{)"} + stamp + "}}", with_documents).page,
              R"({"id":"a"})")
        << stamp;
}

TEST(couchdb_rows_parsed, a_long_name_of_the_stamp_reads_nothing_behind_the_row) {
  const row_options options{true, false, std::string(500, 'c')};
  EXPECT_EQ(read(R"({"id":"a","doc":{"c":"eu1"}})", options).page, R"({"id":"a"})");
  EXPECT_EQ(
      read("{\"id\":\"a\",\"doc\":{\"" + std::string(500, 'c') + "\":\"eu1\"}}", options).page,
      R"({"id":"a","_clusterId":"eu1"})");
}

TEST(couchdb_rows_parsed, a_tombstone_is_one_by_its_row_or_its_document) {
  const auto* wanted = R"({"id":"a","_deleted":true})";
  EXPECT_EQ(
      read(R"({"id":"a","deleted":true,"doc":{"_id":"a","_deleted":true}})", with_documents).page,
      wanted);
  EXPECT_EQ(read(R"({"id":"a","doc":{"_id":"a","_deleted":true}})", with_documents).page, wanted);
  EXPECT_EQ(read(R"({"id":"a","deleted":true,"doc":null})", with_documents).page, wanted);
  EXPECT_EQ(read(R"({"id":"a","deleted":false})").page, R"({"id":"a"})");
}

TEST(couchdb_rows_parsed, a_row_that_can_not_be_parsed_is_taken_as_it_came) {
  for (const auto* row : {R"({"id":"a","seq":})", R"({"seq":"1-a"})", R"({"ok":true})"}) {
    const auto got = read(row);
    EXPECT_EQ(got.facts.what, kind::change) << row;
    EXPECT_EQ(got.page, row);
  }
}

} // namespace feedcast::couchdb
