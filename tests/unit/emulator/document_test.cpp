#include "emulator/document.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

const std::vector<std::string> by_id = {"id"};

incoming_document read(std::string_view json, const std::vector<std::string>& path = by_id) {
  auto in = read_document(json, path);
  EXPECT_TRUE(in.has_value()) << (in ? "" : in.error().message);
  return in ? *in : incoming_document{};
}

unsigned status_of(std::string_view json, const std::vector<std::string>& path = by_id) {
  const auto in = read_document(json, path);
  return in ? 200 : in.error().status;
}

TEST(document, keeps_the_bytes_of_the_user) {
  const auto in = read("  {\"id\" : \"a\",\n \"n\":1.50 , \"s\":\"\\u00e9}\"}\n");

  EXPECT_EQ(in.id, "a");
  EXPECT_EQ(in.members, "{\"id\" : \"a\",\n \"n\":1.50 , \"s\":\"\\u00e9}\"");
}

TEST(document, takes_out_system_members_wherever_they_stand) {
  const auto in = read(
      R"({"_rid":"x", "id":"a", "_etag":"\"1\"", "deep":{"_ts":[1,{"a":"},"}]},"_ts":5 ,"_lsn" : 7,)"
      R"("_self":"s","_attachments":"","n":-1e5})");

  EXPECT_EQ(in.members, R"({"id":"a","deep":{"_ts":[1,{"a":"},"}]},"n":-1e5)");
}

TEST(document, takes_out_system_members_with_escaped_names) {
  EXPECT_EQ(read(R"({"\u005frid":"x","id":"a"})").members, R"({"id":"a")");
}

TEST(document, refuses_what_is_no_document) {
  for (const char* json :
       {"", "[]", "1", "{", "{\"id\":\"a\"} x", "{\"id\":\"a\",}", "{}", "{\"id\":1}",
        "{\"id\":\"\"}", "{\"id\":\"a/b\"}", "{\"id\":\"a#b\"}", "{\"id\":\"\xff\"}",
        "{\"id\":\"a\",\"ttl\":0}", "{\"id\":\"a\",\"ttl\":\"x\"}", "{\"id\":\"a\",\"ttl\":1.5}",
        "{\"id\":\"a\",\"ttl\":-2}"})
    EXPECT_EQ(status_of(json), 400U) << json;
}

TEST(document, refuses_more_than_two_mebibytes) {
  const std::string fill(max_document_size, 'x');

  EXPECT_EQ(status_of(R"({"id":"a","x":")" + fill + "\"}"), 413U);
  EXPECT_EQ(status_of(R"({"id":"a","x":")" + fill.substr(64) + "\"}"), 200U);
}

TEST(document, finds_the_partition_key_along_its_path) {
  const std::vector<std::string> path = {"a", "b"};

  EXPECT_EQ(read(R"({"id":"1","a":{"b":"x"}})", path).key, key_value("x"));
  EXPECT_EQ(read(R"({"id":"1","a":{"b":5}})", path).key, key_value(5.0));
  EXPECT_EQ(read(R"({"id":"1","a":{"b":null}})", path).key, key_value(null_value{}));
  EXPECT_EQ(read(R"({"id":"1","a":1})", path).key, key_value(undefined_value{}));
  EXPECT_EQ(read(R"({"id":"1"})", path).key, key_value(undefined_value{}));
  EXPECT_EQ(status_of(R"({"id":"1","a":{"b":{}}})", path), 400U);
}

TEST(document, reads_the_partition_key_header) {
  EXPECT_EQ(*read_key_header(R"(["x"])"), key_value("x"));
  EXPECT_EQ(*read_key_header(R"(["\u00e9"])"), key_value("\xc3\xa9"));
  EXPECT_EQ(*read_key_header("[5]"), key_value(5.0));
  EXPECT_EQ(*read_key_header("[true]"), key_value(true));
  EXPECT_EQ(*read_key_header("[null]"), key_value(null_value{}));
  EXPECT_EQ(*read_key_header("[{}]"), key_value(undefined_value{}));
  EXPECT_EQ(*read_key_header("[]"), key_value(undefined_value{}));
  for (const char* bad : {"", "x", "{}", R"(["a","b"])", "[[1]]", R"([{"a":1}])"})
    EXPECT_FALSE(read_key_header(bad).has_value()) << bad;
}

TEST(document, appends_the_system_members_in_the_order_of_the_service) {
  const version_stamp stamp{{0x3bb47000, 0xaca525b6, 1}, 24, 1767225600};

  const auto d = make_document(read(R"({"id":"o1","qty":3})"), "00", stamp);

  EXPECT_EQ(d->feed_text,
            R"({"id":"o1","qty":3,"_rid":"O7RwAKylJbYBAAAAAAAAAA==",)"
            R"("_self":"dbs/O7RwAA==/colls/O7RwAKylJbY=/docs/O7RwAKylJbYBAAAAAAAAAA==/",)"
            R"("_etag":"\"00000018-0000-0000-0000-6955b9000000\"","_attachments":"attachments/",)"
            R"("_ts":1767225600,"_lsn":24})");
  EXPECT_EQ(d->plain_text(), d->feed_text.substr(0, d->feed_text.rfind(",\"_lsn\"")) + "}");
  EXPECT_EQ(d->etag, "\"00000018-0000-0000-0000-6955b9000000\"");
}

TEST(document, tells_the_partition_key_of_what_is_stored) {
  const auto stored = [](std::string_view json, const std::vector<std::string>& path) {
    return make_document(read(json, path), "00", {{1, 2, 3}, 1, 1});
  };
  const std::string fill(max_document_size - 32, 'x'); // the largest that is taken

  EXPECT_EQ(key_text(*stored(R"({"id":"1","a":{"b":"x\"y"}})", {"a", "b"}), {"a", "b"}),
            R"({"a/b":"x\"y"})");
  EXPECT_EQ(key_text(*stored(R"({"id":"1","n":1.5})", {"n"}), {"n"}), R"({"n":1.5})");
  EXPECT_EQ(key_text(*stored(R"({"id":"1","n":null})", {"n"}), {"n"}), R"({"n":null})");
  EXPECT_EQ(key_text(*stored(R"({"id":"1"})", {"n"}), {"n"}), "{}");
  EXPECT_EQ(key_text(*stored(R"({"id":"1","x":")" + fill + "\"}", by_id), by_id), R"({"id":"1"})");
}

TEST(document, key_paths_need_a_slash_before_every_name) {
  EXPECT_EQ(parse_key_path("/a/b"), (std::vector<std::string>{"a", "b"}));
  for (const char* bad : {"", "/", "a", "/a/", "//a"})
    EXPECT_EQ(parse_key_path(bad), std::nullopt) << bad;
}

} // namespace
} // namespace feedcast::emulator
