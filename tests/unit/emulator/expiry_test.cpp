#include "emulator/emulator.hpp"
#include "test_client.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;

/// A container with a default of ten seconds, driven without HTTP.
struct expiry_test : ::testing::Test {
  void put(std::string_view json) {
    ASSERT_TRUE(data.write(write_mode::upsert, *read_document(json, {"id"})));
  }

  std::vector<change> changes(std::uint64_t after) const {
    feed_request request;
    request.mode = feed_mode::all_versions;
    request.after = after;
    return data.feed(request).value().changes;
  }

  bool has(const std::string& id) {
    return data.find(document_name{id, effective_partition_key(id)}).has_value();
  }

  testing::manual_clock clock;
  memory_budget memory{1U << 20};
  container data{"db1",
                 *read_container_spec(R"({"id":"c1","defaultTtl":10})"),
                 {1, 0x80000001},
                 memory,
                 clock};
};

TEST_F(expiry_test, becomes_a_delete_though_nobody_reads_the_document) {
  put(R"({"id":"default"})");
  put(R"({"id":"never","ttl":-1})");
  put(R"({"id":"soon","ttl":3})");
  put(R"({"id":"late","ttl":60})");

  clock.advance(2s);
  EXPECT_FALSE(data.remove_expired());
  EXPECT_TRUE(changes(4).empty());
  clock.advance(8s);
  EXPECT_FALSE(data.remove_expired());

  const auto gone = changes(4);
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].version->id, "soon");
  EXPECT_EQ(gone[1].version->id, "default");
  for (const change& c : gone)
    EXPECT_EQ(c.kind, change_kind::expire);
  EXPECT_EQ(gone[0].ts, 1767225610);
  EXPECT_EQ(data.document_count(), 2U);
}

TEST_F(expiry_test, counts_from_the_last_write) {
  put(R"({"id":"a"})");
  clock.advance(9s);
  put(R"({"id":"a"})");
  clock.advance(9s);
  data.remove_expired();
  EXPECT_TRUE(has("a"));

  clock.advance(1s);
  data.remove_expired();
  EXPECT_EQ(data.document_count(), 0U);
  EXPECT_EQ(changes(0).size(), 3U);
}

TEST_F(expiry_test, follows_a_changed_default_for_what_is_there) {
  put(R"({"id":"a"})");
  put(R"({"id":"own","ttl":10})");

  ASSERT_TRUE(data.redefine(*read_container_spec(R"({"id":"c1","defaultTtl":-1})")));
  clock.advance(1h);
  data.remove_expired();
  EXPECT_TRUE(has("a"));
  EXPECT_FALSE(has("own"));

  ASSERT_TRUE(data.redefine(*read_container_spec(R"({"id":"c1"})")));
  put(R"({"id":"b","ttl":1})");
  clock.advance(1h);
  data.remove_expired();
  EXPECT_TRUE(has("b"));

  ASSERT_TRUE(data.redefine(*read_container_spec(R"({"id":"c1","defaultTtl":5})")));
  data.remove_expired();
  EXPECT_EQ(data.document_count(), 0U);
}

TEST_F(expiry_test, removes_many_in_several_steps) {
  for (int i = 0; i < 700; ++i)
    put(R"({"id":")" + std::to_string(i) + "\"}");
  clock.advance(10s);

  EXPECT_TRUE(data.remove_expired());
  EXPECT_GT(data.document_count(), 0U);
  EXPECT_FALSE(data.remove_expired());
  EXPECT_EQ(data.document_count(), 0U);
}

TEST_F(expiry_test, a_document_appended_verbatim_never_expires) {
  ASSERT_TRUE(data.append_raw("0", "bad", "{"));
  clock.advance(1h);
  data.remove_expired();

  EXPECT_EQ(data.feed({})->documents.size(), 1U);
}

/// Time that stands still until it is moved, whichever thread looks.
class shared_clock final : public clock_source {
 public:
  steady_time steady() const override { return steady_time{} + milliseconds(passed_.load()); }

  wall_time wall() const override {
    return *parse_http_date("Thu, 01 Jan 2026 00:00:00 GMT") + milliseconds(passed_.load());
  }

  void advance(milliseconds by) { passed_ += by.count(); }

 private:
  std::atomic<milliseconds::rep> passed_{0};
};

TEST(expiry, is_in_the_ledger_of_an_emulator_that_nobody_asks) {
  const test::temporary_folder folder;
  shared_clock clock;
  http::runtime io;
  emulator_options options;
  options.listen = "127.0.0.1:0";
  options.clock = &clock;
  options.ledger_file = folder.file("ledger");
  const auto account = emulator::start(io, options).value();
  const auto c = account->create_container("db1", "c1").value();
  ASSERT_TRUE(c->write(write_mode::create, *read_document(R"({"id":"lock","ttl":30})", {"id"})));

  clock.advance(30s);
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (c->document_count() > 0 && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(5ms);

  std::ifstream file(options.ledger_file);
  std::string last;
  for (std::string line; std::getline(file, line);)
    last = line;
  const auto line = boost::json::parse(last);
  EXPECT_EQ(line.at("kind"), "expire");
  EXPECT_EQ(line.at("id"), "lock");
  EXPECT_EQ(line.at("ms"), 1767225630000);
}

} // namespace
} // namespace feedcast::emulator
