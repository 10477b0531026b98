#include "emulator/ledger.hpp"
#include "emulator/store.hpp"
#include "test_client.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

using testing::manual_clock;

struct ledger_test : ::testing::Test {
  ledger_test() {
    auto opened = ledger::open(path, clock);
    EXPECT_TRUE(opened) << opened.error().detail;
    book = std::move(*opened);
    memory = std::make_unique<memory_budget>(1U << 20);
    target = make("c1", 2);
  }

  ~ledger_test() override { std::remove(path.c_str()); }

  ledger_test(const ledger_test&) = delete;
  ledger_test& operator=(const ledger_test&) = delete;

  std::unique_ptr<container> make(std::string_view name, std::uint32_t ranges) {
    return std::make_unique<container>("db1", make_container_spec(name, "/id", ranges).value(),
                                       rid{1, 2}, *memory, clock, book.get());
  }

  answer<located> put(write_mode mode, std::string_view text, std::string_view if_match = {}) {
    return target->write(mode, read_document(text, {"id"}).value(), if_match);
  }

  std::vector<json::object> lines() const {
    std::ifstream file(path);
    std::vector<json::object> all;
    for (std::string line; std::getline(file, line);)
      all.push_back(json::parse(line).as_object());
    return all;
  }

  json::object last() const { return lines().back(); }

  const std::string path = ::testing::TempDir() + "ledger-"
                           + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  manual_clock clock;
  std::unique_ptr<ledger> book;
  std::unique_ptr<memory_budget> memory;
  std::unique_ptr<container> target;
};

TEST_F(ledger_test, begins_with_the_ranges_of_a_container) {
  const auto first = last();

  EXPECT_EQ(first.at("event"), "ranges");
  EXPECT_EQ(first.at("seq"), 1);
  ASSERT_EQ(first.at("ranges").as_array().size(), 2U);
  EXPECT_EQ(first.at("ranges").at(0).at("min"), "");
  EXPECT_EQ(first.at("ranges").at(0).at("max"), first.at("ranges").at(1).at("min"));
  EXPECT_EQ(first.at("ranges").at(1).at("max"), "FF");
}

TEST_F(ledger_test, has_a_write_with_what_the_feed_will_show_of_it) {
  const auto written =
      put(write_mode::upsert, R"({"id":"a|b","_clusterId":"eu","_deleted":true,"code":"SECRET"})");
  ASSERT_TRUE(written);

  const auto line = last();
  EXPECT_EQ(line.at("event"), "write");
  EXPECT_EQ(line.at("container"), "c1");
  EXPECT_EQ(line.at("kind"), "upsert");
  EXPECT_EQ(line.at("id"), "a|b");
  EXPECT_EQ(line.at("lsn"), 1);
  EXPECT_EQ(line.at("range").as_string(), written->range_id);
  EXPECT_EQ(line.at("epk").as_string(), effective_partition_key(std::string("a|b")));
  EXPECT_EQ(line.at("etag").as_string(), written->version->etag);
  EXPECT_EQ(line.at("origin"), "eu");
  EXPECT_EQ(line.at("deleted"), true);
  EXPECT_EQ(line.at("ms").to_number<std::int64_t>() / 1000,
            line.at("ts").to_number<std::int64_t>());
  EXPECT_EQ(json::serialize(line).find("SECRET"), std::string::npos);
}

TEST_F(ledger_test, has_deletes_and_raw_documents) {
  put(write_mode::create, R"({"id":"a"})").value();
  target->remove(document_name{"a", effective_partition_key(std::string("a"))}).value();
  const auto gone = last();
  EXPECT_EQ(gone.at("kind"), "delete");
  EXPECT_EQ(gone.at("id"), "a");
  EXPECT_EQ(gone.at("lsn"), 2);
  EXPECT_EQ(gone.at("deleted"), true);
  EXPECT_TRUE(gone.at("etag").is_null());

  target->append_raw("1", "broken", R"({"id":"bro)").value();
  EXPECT_EQ(last().at("kind"), "raw");
  EXPECT_EQ(last().at("range"), "1");
  EXPECT_EQ(last().at("id"), "broken");
  EXPECT_TRUE(last().at("origin").is_null());
}

TEST_F(ledger_test, has_a_lease_with_owner_and_continuation_before_and_after) {
  const auto made = put(
      write_mode::create,
      R"({"id":"x..0","LeaseToken":"0","Owner":null,"ContinuationToken":null,"timestamp":"t"})");
  ASSERT_TRUE(made);
  const auto created = last();
  EXPECT_EQ(created.at("event"), "lease");
  EXPECT_EQ(created.at("token"), "0");
  EXPECT_TRUE(created.at("before").is_null());
  EXPECT_TRUE(created.at("after").is_null());

  put(write_mode::replace,
      R"({"id":"x..0","LeaseToken":"0","Owner":"me","ContinuationToken":"\"7\""})",
      made->version->etag)
      .value();
  EXPECT_EQ(last().at("after"), "\"7\"");
  EXPECT_EQ(last().at("owner"), "me");
  EXPECT_TRUE(last().at("owner_before").is_null());

  put(write_mode::upsert,
      R"({"id":"x..0","PartitionId":"0","Owner":"you","ContinuationToken":"\"9\""})")
      .value();
  EXPECT_EQ(last().at("before"), "\"7\"");
  EXPECT_EQ(last().at("after"), "\"9\"");
  EXPECT_EQ(last().at("owner_before"), "me");
}

TEST_F(ledger_test, names_writes_that_were_refused) {
  put(write_mode::create, R"({"id":"a"})").value();

  EXPECT_FALSE(put(write_mode::create, R"({"id":"a"})"));
  EXPECT_EQ(last().at("event"), "refused");
  EXPECT_EQ(last().at("status"), 409);
  EXPECT_FALSE(put(write_mode::replace, R"({"id":"a"})", "\"old\""));
  EXPECT_EQ(last().at("kind"), "replace");
  EXPECT_EQ(last().at("status"), 412);
  EXPECT_EQ(last().at("id"), "a");
}

TEST_F(ledger_test, has_the_children_of_a_split) {
  const auto children = target->split("1").value();

  const auto line = last();
  EXPECT_EQ(line.at("event"), "split");
  EXPECT_EQ(line.at("parent"), "1");
  EXPECT_EQ(line.at("ranges").at(0).at("id").as_string(), children.first);
  EXPECT_EQ(line.at("ranges").at(1).at("max"), "FF");
}

TEST_F(ledger_test, has_the_range_that_two_became) {
  const auto merged = target->merge("0", "1").value();

  const auto line = last();
  EXPECT_EQ(line.at("event"), "merge");
  EXPECT_EQ(line.at("parents"), (json::array{"0", "1"}));
  EXPECT_FALSE(line.contains("parent"));
  ASSERT_EQ(line.at("ranges").as_array().size(), 1U);
  EXPECT_EQ(line.at("ranges").at(0).at("id").as_string(), merged);
  EXPECT_EQ(line.at("ranges").at(0).at("min"), "");
  EXPECT_EQ(line.at("ranges").at(0).at("max"), "FF");
}

TEST_F(ledger_test, counts_its_lines_over_all_containers) {
  const auto other = make("c2", 1);
  put(write_mode::create, R"({"id":"a"})").value();
  other->write(write_mode::create, read_document(R"({"id":"b"})", {"id"}).value()).value();

  const auto all = lines();
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].at("seq"), i + 1);
  EXPECT_EQ(all.back().at("container"), "c2");
}

TEST(ledger_file, is_refused_where_it_cannot_be_written) {
  const auto opened = ledger::open("/nowhere/ledger", system_clock_source());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, errc::rejected);
  EXPECT_NE(opened.error().detail.find("/nowhere/ledger"), std::string::npos);
}

} // namespace
} // namespace feedcast::emulator
