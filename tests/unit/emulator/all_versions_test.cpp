#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

namespace json = boost::json;

constexpr const char* range_header = "x-ms-documentdb-partitionkeyrangeid";

/// The feed of all versions and deletes of a container that keeps previous images for ten minutes.
struct all_versions_test : ::testing::Test {
  all_versions_test() {
    (void)account.data.create_database("db1");
    make(R"({"id":"c1","defaultTtl":-1,"changeFeedPolicy":{"retentionDuration":10}})");
  }

  void make(std::string_view definition, std::uint32_t ranges = 1) {
    (void)account.data.drop_container("db1", "c1");
    auto spec = read_container_spec(definition).value();
    spec.ranges = ranges;
    target = account.data.create_container("db1", spec).value();
  }

  result_of_call read(const std::string& after, testing::field_list more = {}) {
    more.emplace_back("a-im", "Full-Fidelity Feed");
    more.emplace_back("x-ms-cosmos-changefeed-wire-format-version", "2021-09-15");
    more.emplace_back("if-none-match", after);
    return account.send_all("GET", std::string(docs), std::move(more));
  }

  void put(const std::string& document) {
    const auto r =
        account.send("POST", std::string(docs), {{"x-ms-documentdb-is-upsert", "True"}}, document);
    ASSERT_LT(r.status(), 300U) << r.body;
  }

  void remove(std::string_view id) {
    const auto r = account.send("DELETE", std::string(docs) + '/' + std::string(id),
                                {{"x-ms-documentdb-partitionkey", key_of(id)}});
    ASSERT_EQ(r.status(), 204U) << r.body;
  }

  static json::array items(const result_of_call& page) {
    return page.json().at("Documents").as_array();
  }

  /// "create a", "delete b" ... of a page, with the id wherever it stands.
  static std::vector<std::string> told(const result_of_call& page) {
    std::vector<std::string> all;
    for (const auto& item : items(page)) {
      const auto& about = item.at("metadata").as_object();
      const auto& id = about.contains("id") ? about.at("id") : item.at("current").at("id");
      all.push_back(std::string(about.at("operationType").as_string()) + ' '
                    + std::string(id.as_string()));
    }
    return all;
  }

  test_client account;
  container_ptr target;
};

TEST_F(all_versions_test, tells_every_write_in_its_envelope) {
  const auto start = read("*");
  EXPECT_EQ(start.status(), 304U);
  EXPECT_EQ(start.header("etag"), "\"0\"");
  EXPECT_EQ(start.header("x-ms-item-count"), "0");
  put(R"({"id":"a","n":1})");
  account.clock.advance(60s);
  put(R"({"id":"a","n":2})");
  account.clock.advance(40s);
  remove("a");

  const auto r = read(start.header("etag"));

  ASSERT_EQ(r.status(), 200U) << r.body;
  EXPECT_EQ(r.header("etag"), "\"3\"");
  EXPECT_EQ(r.header("x-ms-item-count"), "3");
  EXPECT_EQ(r.json().at("_count"), 3);
  const auto all = items(r);
  EXPECT_EQ(all[0].at("metadata"),
            json::parse(R"({"operationType":"create","lsn":1,"crts":1767225600})"));
  EXPECT_EQ(all[0].at("current").at("n"), 1);
  EXPECT_FALSE(all[0].as_object().contains("previous"));
  EXPECT_EQ(
      all[1].at("metadata"),
      json::parse(R"({"operationType":"replace","lsn":2,"crts":1767225660,"previousImageLSN":1})"));
  EXPECT_EQ(all[1].at("current").at("n"), 2);
  EXPECT_EQ(all[1].at("previous").at("n"), 1);
  EXPECT_EQ(all[2].at("current"), json::object());
  EXPECT_EQ(all[2].at("metadata"), json::parse(R"({"operationType":"delete","lsn":3,
      "crts":1767225700,"previousImageLSN":2,"timeToLiveExpired":false,"id":"a",
      "partitionKey":{"id":"a"}})"));
  EXPECT_EQ(all[2].at("previous").at("n"), 2);
}

TEST_F(all_versions_test, names_a_deleted_document_by_its_partition_key) {
  make(R"({"id":"c1","partitionKey":{"paths":["/pk"]}})");
  put(R"({"id":"q\"1","pk":"x\"y"})");
  put(R"({"id":"n","pk":5})");
  put(R"({"id":"u"})");
  const auto document = [](const char* id) { return std::string(docs) + '/' + id; };
  account.send("DELETE", document("q%221"), {{"x-ms-documentdb-partitionkey", R"(["x\"y"])"}});
  account.send("DELETE", document("n"), {{"x-ms-documentdb-partitionkey", "[5]"}});
  account.send("DELETE", document("u"), {{"x-ms-documentdb-partitionkey", "[{}]"}});

  const auto all = items(read("\"3\""));

  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].at("metadata").at("id"), "q\"1");
  EXPECT_EQ(all[0].at("metadata").at("partitionKey"), json::parse(R"({"pk":"x\"y"})"));
  EXPECT_EQ(all[1].at("metadata").at("partitionKey"), json::parse(R"({"pk":5})"));
  EXPECT_EQ(all[2].at("metadata").at("partitionKey"), json::object());
}

TEST_F(all_versions_test, leaves_previous_images_out_where_the_container_did_not_ask_for_them) {
  make(R"({"id":"c1"})");
  put(R"({"id":"a","n":1})");
  put(R"({"id":"a","n":2})");
  remove("a");

  const auto all = items(read("\"0\""));

  ASSERT_EQ(all.size(), 3U);
  for (const auto& item : all)
    EXPECT_FALSE(item.as_object().contains("previous"));
  EXPECT_EQ(all[1].at("metadata").at("previousImageLSN"), 1);
  EXPECT_EQ(all[2].at("metadata").at("previousImageLSN"), 2);
}

TEST_F(all_versions_test, a_document_made_again_is_created_again) {
  put(R"({"id":"a"})");
  remove("a");
  put(R"({"id":"a"})");

  const auto r = read("\"0\"");

  EXPECT_EQ(told(r), (std::vector<std::string>{"create a", "delete a", "create a"}));
  EXPECT_FALSE(items(r)[2].at("metadata").as_object().contains("previousImageLSN"));
}

TEST_F(all_versions_test, marks_what_expired) {
  put(R"({"id":"a","ttl":5})");
  account.clock.advance(5s);
  put(R"({"id":"a"})"); // finds that the old one has expired

  const auto all = items(read("\"1\""));

  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].at("metadata"), json::parse(R"({"operationType":"delete","lsn":2,
      "crts":1767225605,"previousImageLSN":1,"timeToLiveExpired":true,"id":"a",
      "partitionKey":{"id":"a"}})"));
  EXPECT_EQ(all[1].at("metadata").at("operationType"), "create");
}

TEST_F(all_versions_test, starts_from_now_or_a_continuation_only) {
  put(R"({"id":"a"})");
  const std::string date = "Thu, 01 Jan 2026 00:00:00 GMT";

  const auto bare = account.send("GET", std::string(docs), {{"a-im", "Full-Fidelity Feed"}});
  const auto timed = account.send("GET", std::string(docs),
                                  {{"a-im", "full-fidelity feed"}, {"if-modified-since", date}});
  const auto both = read("*", {{"if-modified-since", date}});

  for (const auto* r : {&bare, &timed, &both})
    EXPECT_EQ(r->status(), 400U) << r->body;
  EXPECT_NE(bare.body.find("If-None-Match"), std::string::npos);
  EXPECT_NE(timed.body.find("If-Modified-Since"), std::string::npos);
  EXPECT_EQ(read("*").header("etag"), "\"1\"");
  EXPECT_EQ(read("1").status(), 304U);
  EXPECT_EQ(read("x").status(), 400U);
}

TEST_F(all_versions_test, pages_are_cut_and_resumed) {
  for (int i = 0; i < 5; ++i)
    put(R"({"id":"a"})");

  std::vector<std::size_t> sizes;
  std::string at = "\"0\"";
  for (auto r = read(at, {{"x-ms-max-item-count", "2"}}); r.status() == 200;
       r = read(at, {{"x-ms-max-item-count", "2"}})) {
    sizes.push_back(items(r).size());
    at = r.header("etag");
  }

  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 2, 1}));
  EXPECT_EQ(at, "\"5\"");
}

TEST_F(all_versions_test, a_range_tells_its_own_and_its_children_go_on) {
  make(R"({"id":"c1"})", 2);
  put(R"({"id":"a"})");            // upper half
  put(R"({"id":"partitionKey"})"); // lower half
  remove("a");
  EXPECT_EQ(told(read("\"0\"", {{range_header, "0"}})),
            std::vector<std::string>{"create partitionKey"});
  EXPECT_EQ(told(read("\"0\"", {{range_header, "1"}})),
            (std::vector<std::string>{"create a", "delete a"}));

  ASSERT_TRUE(target->split("1"));

  EXPECT_EQ(read("\"0\"", {{range_header, "1"}}).header("x-ms-substatus"), "1002");
  EXPECT_EQ(told(read("\"1\"", {{range_header, "3"}})), std::vector<std::string>{"delete a"});
  EXPECT_EQ(read("\"1\"", {{range_header, "2"}}).status(), 304U);
  EXPECT_EQ(read("\"1\"", {{range_header, "2"}}).header("etag"), "\"3\"");
}

TEST_F(all_versions_test, one_key_and_epk_bounds_filter) {
  put(R"({"id":"a"})");            // 3A53...
  put(R"({"id":"partitionKey"})"); // 013A...

  EXPECT_EQ(told(read("\"0\"", {{"x-ms-documentdb-partitionkey", key_of("a")}})),
            std::vector<std::string>{"create a"});
  EXPECT_EQ(told(read("\"0\"", {{"x-ms-start-epk", ""}, {"x-ms-end-epk", "3A"}})),
            std::vector<std::string>{"create partitionKey"});
}

TEST_F(all_versions_test, a_continuation_from_before_the_retention_is_refused) {
  put(R"({"id":"a"})");
  const std::string before_b = read("*").header("etag");
  put(R"({"id":"b"})");
  account.clock.advance(10min);
  EXPECT_EQ(told(read(before_b)), std::vector<std::string>{"create b"}); // just in time

  account.clock.advance(1s);
  const auto unswept = read(before_b);
  put(R"({"id":"c"})");
  const auto swept = read(before_b);

  for (const auto* r : {&unswept, &swept}) {
    EXPECT_EQ(r->status(), 400U);
    EXPECT_NE(r->body.find("older"), std::string::npos);
  }
  EXPECT_EQ(told(read("\"2\"")), std::vector<std::string>{"create c"});
}

TEST_F(all_versions_test, an_idle_range_keeps_its_continuation) {
  make(R"({"id":"c1","changeFeedPolicy":{"retentionDuration":10}})", 2);
  put(R"({"id":"a"})");            // upper half
  put(R"({"id":"partitionKey"})"); // lower half
  const std::string idle = read("*", {{range_header, "1"}}).header("etag");
  account.clock.advance(11min);
  put(R"({"id":"partitionKey"})");

  EXPECT_EQ(read(idle, {{range_header, "1"}}).status(), 304U);
  EXPECT_EQ(read(idle, {{range_header, "0"}}).status(), 400U);
}

TEST_F(all_versions_test, what_is_remembered_is_bounded) {
  const std::string fill = std::string(20'000, 'x'); // the account has 1 MiB: 64 KiB of history
  for (int i = 0; i < 10; ++i)
    put(R"({"id":"a","x":")" + fill + "\"}");

  EXPECT_EQ(read("\"0\"").status(), 400U);
  const auto newest = read("\"9\"");
  ASSERT_EQ(newest.status(), 200U) << newest.body;
  EXPECT_EQ(items(newest)[0].at("metadata").at("lsn"), 10);
}

TEST_F(all_versions_test, a_dropped_container_gives_the_memory_of_its_history_back) {
  memory_budget memory{1U << 20};
  {
    container other{"db1", *make_container_spec("o", "/id", 1), {1, 2}, memory, account.clock};
    ASSERT_TRUE(other.write(write_mode::create, *read_document(R"({"id":"a"})", {"id"})));
    EXPECT_GT(memory.history_used(), 0U);
  }

  EXPECT_EQ(memory.history_used(), 0U);
}

TEST_F(all_versions_test, an_account_may_keep_nothing) {
  store plain({1U << 20, 7, 0}, account.clock);
  ASSERT_TRUE(plain.create_database("d"));
  const auto without = plain.create_container("d", *read_container_spec(R"({"id":"p"})")).value();
  const auto with =
      plain
          .create_container(
              "d", *read_container_spec(R"({"id":"q","changeFeedPolicy":{"retentionDuration":5}})"))
          .value();
  feed_request request;
  request.mode = feed_mode::all_versions;
  request.from_now = true;

  EXPECT_EQ(without->feed(request).error().status, 400U);
  EXPECT_TRUE(with->feed(request));
}

TEST_F(all_versions_test, a_policy_must_be_a_number_of_minutes) {
  for (const char* bad : {"5", "{}", R"({"retentionDuration":-1})", R"({"retentionDuration":1.5})",
                          R"({"retentionDuration":"1"})", R"({"retentionDuration":43201})"})
    EXPECT_FALSE(read_container_spec(R"({"id":"p","changeFeedPolicy":)" + std::string(bad) + '}'))
        << bad;
  EXPECT_FALSE(read_container_spec(R"({"id":"p","changeFeedPolicy":{"retentionDuration":0}})")
                   ->keeps_previous_images());
}

} // namespace
} // namespace feedcast::emulator
