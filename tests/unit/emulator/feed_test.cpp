#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::docs;
using testing::ids;
using testing::key_of;
using testing::result_of_call;
using testing::test_client;

constexpr const char* range_header = "x-ms-documentdb-partitionkeyrangeid";

struct feed_test : ::testing::Test {
  result_of_call read(testing::fields headers = {}) {
    testing::field_list all(headers);
    all.emplace_back("a-im", "Incremental Feed");
    return account.send_all("GET", std::string(docs), std::move(all));
  }

  test_client account;
};

TEST_F(feed_test, starts_at_the_beginning_without_a_position) {
  const auto c = account.make_container();
  account.put("a");
  account.put("b");

  const auto r = read();

  ASSERT_EQ(r.status(), 200U);
  EXPECT_EQ(ids(r), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(r.header("etag"), "\"2\"");
  EXPECT_EQ(r.header("x-ms-item-count"), "2");
  EXPECT_EQ(r.header("x-ms-session-token"), "0:-1#2");
  EXPECT_EQ(r.header("x-ms-continuation"), "");
  EXPECT_EQ(r.json().at("_count"), 2);
  EXPECT_EQ(r.json().at("_rid").as_string(), c->address().to_text());
  EXPECT_EQ(r.json().at("Documents").at(1).at("_lsn"), 2);
}

TEST_F(feed_test, the_page_is_shared_with_the_server_uncopied) {
  account.make_container();
  account.put("a");

  EXPECT_NE(read().response.shared_body, nullptr);
}

TEST_F(feed_test, nothing_new_is_304_with_everything_a_client_stores) {
  account.make_container();
  account.put("a");

  const auto r = read({{"if-none-match", "\"1\""}});

  EXPECT_EQ(r.status(), 304U);
  EXPECT_EQ(r.body, "");
  EXPECT_EQ(r.header("etag"), "\"1\"");
  EXPECT_EQ(r.header("x-ms-item-count"), "0");
  EXPECT_EQ(r.header("x-ms-session-token"), "0:-1#1");
}

TEST_F(feed_test, a_star_means_from_now) {
  account.make_container();
  account.put("a");

  const auto now = read({{"if-none-match", "*"}});
  account.put("b");
  const auto next = read({{"if-none-match", now.header("etag")}});

  EXPECT_EQ(now.status(), 304U);
  EXPECT_EQ(now.header("etag"), "\"1\"");
  EXPECT_EQ(ids(next), std::vector<std::string>{"b"});
}

TEST_F(feed_test, from_now_on_an_empty_container_is_position_zero) {
  account.make_container();

  EXPECT_EQ(read({{"if-none-match", "*"}}).header("etag"), "\"0\"");
}

TEST_F(feed_test, positions_are_taken_without_quotes_too) {
  account.make_container();
  account.put("a");
  account.put("b");

  EXPECT_EQ(ids(read({{"if-none-match", "1"}})), std::vector<std::string>{"b"});
  for (const char* bad : {"\"x\"", "\"\"", "-1", "\"1", "99999999999999999999999"})
    EXPECT_EQ(read({{"if-none-match", bad}}).status(), 400U) << bad;
}

TEST_F(feed_test, position_and_start_time_apply_together) {
  account.make_container();
  account.put("a");
  account.put("b");
  account.clock.advance(5s);
  account.put("c");
  const std::string start = "Thu, 01 Jan 2026 00:00:00 GMT";

  EXPECT_EQ(ids(read({{"if-modified-since", start}})), std::vector<std::string>{"c"});
  EXPECT_EQ(ids(read({{"if-modified-since", start}, {"if-none-match", "\"1\""}})),
            std::vector<std::string>{"c"});
  EXPECT_EQ(read({{"if-modified-since", start}, {"if-none-match", "\"3\""}}).status(), 304U);
  EXPECT_EQ(read({{"if-modified-since", "yesterday"}}).status(), 400U);
}

TEST_F(feed_test, start_times_may_be_honoured_to_some_seconds_only) {
  account.make_container();
  account.clock.advance(1s);
  account.put("early");
  account.clock.advance(3s);
  account.put("late");
  const std::string start = "Thu, 01 Jan 2026 00:00:03 GMT";
  EXPECT_EQ(ids(read({{"if-modified-since", start}})), std::vector<std::string>{"late"});

  account.state.start_time_step = 5;

  EXPECT_EQ(ids(read({{"if-modified-since", start}})), (std::vector<std::string>{"early", "late"}));
  EXPECT_EQ(read({{"if-modified-since", "Thu, 01 Jan 2026 00:00:09 GMT"}}).status(), 304U);
}

TEST_F(feed_test, pages_are_cut_at_the_wanted_size) {
  account.make_container();
  for (const char* id : {"a", "b", "c"})
    account.put(id);

  EXPECT_EQ(ids(read({{"x-ms-max-item-count", "2"}})), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(ids(read({{"x-ms-max-item-count", "-1"}})).size(), 3U);
  for (const char* bad : {"0", "-2", "x", "1x"})
    EXPECT_EQ(read({{"x-ms-max-item-count", bad}}).status(), 400U) << bad;
}

TEST_F(feed_test, pages_end_near_four_mebibytes) {
  account.make_container();
  const auto big = R"({"id":"ID","x":")" + std::string(1'900'000, 'x') + "\"}";
  store roomy({1U << 28, 1}, account.clock);
  ASSERT_TRUE(roomy.create_database("d").has_value());
  const auto c = *roomy.create_container("d", *make_container_spec("c", "/id", 1));
  for (const char* id : {"a1", "a2", "a3", "a4"})
    ASSERT_TRUE(
        c->write(write_mode::create, *read_document(std::string(big).replace(7, 2, id), {"id"}))
            .has_value());

  EXPECT_EQ(c->feed({})->documents.size(), 3U);
}

TEST_F(feed_test, an_updated_document_moves_and_a_deleted_one_vanishes) {
  account.make_container();
  account.put("a");
  account.put("b");
  account.put("c");
  account.put("a", 2);
  account.send("DELETE", std::string(docs) + "/b", {{"x-ms-documentdb-partitionkey", key_of("b")}});

  EXPECT_EQ(ids(read()), (std::vector<std::string>{"c", "a"}));
}

TEST_F(feed_test, the_range_may_carry_the_resource_id_of_the_container) {
  const auto c = account.make_container(2);
  account.put("a");            // upper half
  account.put("partitionKey"); // lower half

  EXPECT_EQ(ids(read({{range_header, "1"}})), std::vector<std::string>{"a"});
  EXPECT_EQ(ids(read({{range_header, c->address().to_text() + ",0"}})),
            std::vector<std::string>{"partitionKey"});
}

TEST_F(feed_test, an_unknown_range_is_410_1002) {
  account.make_container();

  for (const char* id : {"1", "99", "x"}) {
    const auto r = read({{range_header, id}});
    EXPECT_EQ(r.status(), 410U) << id;
    EXPECT_EQ(r.header("x-ms-substatus"), "1002");
  }
}

TEST_F(feed_test, several_ranges_need_one_to_be_named) {
  account.make_container(2);

  EXPECT_EQ(read().status(), 400U);
}

TEST_F(feed_test, epk_bounds_filter_inside_the_range_and_the_position_moves_past_the_rest) {
  account.make_container();
  account.put("a");            // 3A53...
  account.put("partitionKey"); // 013A...
  account.put("x");            // 11E3...

  const auto low =
      read({{"x-ms-start-epk", ""}, {"x-ms-end-epk", "11E3F358618BE9AA5BAFF4C7C74F0716"}});
  const auto high =
      read({{"x-ms-start-epk", "11E3F358618BE9AA5BAFF4C7C74F0716"}, {"x-ms-end-epk", "FF"}});
  const auto nothing = read({{"x-ms-start-epk", "3B"}, {"x-ms-end-epk", "FF"}});

  EXPECT_EQ(ids(low), std::vector<std::string>{"partitionKey"});
  EXPECT_EQ(ids(high), (std::vector<std::string>{"a", "x"}));
  EXPECT_EQ(nothing.status(), 304U);
  EXPECT_EQ(nothing.header("etag"), "\"3\"");
}

TEST_F(feed_test, one_partition_key_can_be_followed) {
  account.make_container(4);
  account.put("a");
  account.put("x");

  EXPECT_EQ(ids(read({{"x-ms-documentdb-partitionkey", key_of("x")}})),
            std::vector<std::string>{"x"});
}

TEST_F(feed_test, the_wire_format_header_switches_to_envelopes) {
  account.make_container();
  account.put("a");

  const auto r = read({{"x-ms-cosmos-changefeed-wire-format-version", "2021-09-15"}});

  const auto item = r.json().at("Documents").at(0);
  EXPECT_EQ(item.at("current").at("id"), "a");
  EXPECT_EQ(item.at("metadata"), boost::json::parse(R"({"lsn":1,"crts":1767225600})"));
}

TEST_F(feed_test, other_modes_are_refused_clearly) {
  account.make_container();

  const auto r =
      account.send("GET", std::string(docs), {{"a-im", "Incremental Full-Fidelity Feed"}});

  EXPECT_EQ(r.status(), 400U);
  EXPECT_NE(r.body.find("A-IM"), std::string::npos);
}

TEST_F(feed_test, what_was_written_together_is_never_cut) {
  account.make_container();
  account.put("a");
  const std::string raw = "/_emulator/dbs/db1/colls/c1/raw?id=r&range=0";
  for (const char* query : {"", "&together=true", "&together=true"})
    ASSERT_EQ(account.send_unsigned("POST", raw + query, {}, R"({"id":"r"})").status(), 201U);
  account.put("b");

  std::vector<std::size_t> sizes;
  std::string at = "\"0\"";
  const auto next = [&](std::string_view mode) {
    return account.send(
        "GET", std::string(docs),
        {{"a-im", std::string(mode)}, {"x-ms-max-item-count", "1"}, {"if-none-match", at}});
  };
  for (const char* mode : {"Incremental Feed", "Full-Fidelity Feed"}) {
    sizes.clear();
    at = "\"0\"";
    for (auto r = next(mode); r.status() == 200; r = next(mode)) {
      sizes.push_back(r.json().at("Documents").as_array().size());
      at = r.header("etag");
    }
    EXPECT_EQ(sizes, (std::vector<std::size_t>{1, 3, 1})) << mode;
    EXPECT_EQ(at, "\"3\"");
  }
}

TEST_F(feed_test, only_a_write_of_the_same_range_can_be_joined) {
  account.make_container(2);
  const std::string raw = "/_emulator/dbs/db1/colls/c1/raw?together=true&range=0";
  EXPECT_EQ(account.send_unsigned("POST", raw, {}, "{}").status(), 400U);
  account.put("a"); // upper half

  EXPECT_EQ(account.send_unsigned("POST", raw, {}, "{}").status(), 400U);
}

TEST_F(feed_test, the_bounds_of_one_key_find_it_whatever_its_type) {
  account.make_container(1, "/pk");
  const std::pair<const char*, const char*> keys[] = {
      {R"("partitionKey")", "013AEFCF77FA271571CF665A58C933F1"},
      {R"("é")", "007199F104E04116EE25AF912CA4889B"},
      {"5", "19C08621B135968252FB34B4CF66F811"},
      {"5.5", "0E2EE47829D1AF775EEFB6540FD1D0ED"},
      {"-1", "19938E7A936C1C5B9E3AE842BBC16839"},
      {"true", "0E711127C5B5A8E4726AC6DD306A3E59"},
      {"null", "378867E4430E67857ACE5C908374FE16"},
  };
  for (const auto& [key, epk] : keys)
    ASSERT_EQ(account
                  .send("POST", std::string(docs), {},
                        R"({"id":")" + std::string(epk) + R"(","pk":)" + key + '}')
                  .status(),
              201U);

  for (const auto& [key, epk] : keys) {
    std::string next = epk;
    ++next.back();
    EXPECT_EQ(ids(read({{range_header, "0"}, {"x-ms-start-epk", epk}, {"x-ms-end-epk", next}})),
              std::vector<std::string>{epk})
        << key;
  }
}

TEST_F(feed_test, a_raw_document_comes_as_it_was_given) {
  account.make_container();
  const auto added = account.send("POST", "/_emulator/dbs/db1/colls/c1/raw?id=bad&range=0", {},
                                  "{\"id\":\"\xff\",");
  ASSERT_EQ(added.status(), 201U) << added.body;

  const auto r = read();

  EXPECT_NE(r.body.find("\"Documents\":[{\"id\":\"\xff\",],\"_count\":1"), std::string::npos)
      << r.body;
  EXPECT_EQ(r.header("etag"), "\"1\"");
  EXPECT_EQ(account.send("POST", "/_emulator/dbs/db1/colls/c1/raw?range=0", {}, "").status(), 400U);
}

} // namespace
} // namespace feedcast::emulator
