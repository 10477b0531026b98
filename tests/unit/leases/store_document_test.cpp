#include "leases/store_document.hpp"

#include <gtest/gtest.h>

namespace feedcast {

namespace {

store_document sample() {
  store_document d;
  d.state = {true, wall_time{milliseconds{1'767'225'600'001}}};
  d.writes = 12;
  auto& a = d.leases["0"];
  a.range_id = "0";
  a.keys = key_span{"", "1F"};
  a.owner = "host-a";
  a.boot = "1767261600123-0123abcd";
  a.away = true;
  a.continuation = "\"24\"";
  a.timestamp = wall_time{milliseconds{1'767'261'600'123}};
  a.stored_at = wall_time{milliseconds{1'767'261'600'125}};
  a.version = "11";
  auto& b = d.leases["1F-FF"];
  b.range_id = "1F-FF";
  b.form = lease_form::java_epk;
  b.keys = key_span{"1F", "FF"};
  b.timestamp = wall_time{milliseconds{1'767'261'600'000}};
  b.version = "12";
  return d;
}

} // namespace

TEST(store_document, comes_back_as_it_was_written) {
  const auto read = read_store(write_store(sample()));
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_TRUE(read->state.initialised);
  EXPECT_EQ(read->state.started_at, sample().state.started_at);
  EXPECT_EQ(read->writes, 12U);
  ASSERT_EQ(read->leases.size(), 2U);
  EXPECT_EQ(read->leases.at("0").continuation, "\"24\"");
  EXPECT_EQ(read->leases.at("0").version, "11");
  EXPECT_EQ(read->leases.at("0").timestamp, sample().leases["0"].timestamp);
  EXPECT_EQ(read->leases.at("0").stored_at, sample().leases["0"].stored_at);
  EXPECT_EQ(read->leases.at("0").boot, "1767261600123-0123abcd");
  EXPECT_EQ(read->leases.at("0").keys, (key_span{"", "1F"}));
  EXPECT_TRUE(read->leases.at("0").away);
  EXPECT_EQ(read->leases.at("0").form, lease_form::pk);
  EXPECT_TRUE(read->leases.at("1F-FF").owner.empty());
  EXPECT_EQ(read->leases.at("1F-FF").form, lease_form::java_epk);
  EXPECT_EQ(read->leases.at("1F-FF").keys, (key_span{"1F", "FF"}));
  EXPECT_EQ(write_store(*read), write_store(sample()));
}

TEST(store_document, a_start_beside_a_position_is_not_kept) {
  auto d = sample();
  for (auto& [range, l] : d.leases)
    l.start = wall_time{};
  const auto read = read_store(write_store(d));
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  EXPECT_EQ(read->leases.at("0").start, std::nullopt);
  EXPECT_EQ(read->leases.at("1F-FF").start, wall_time{});
}

TEST(store_document, version_1_is_read) {
  const auto read = read_store(
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":7,"leases":[
      {"range":"0","owner":"a","continuation":"\"24\"","version":"5","timestamp":"2026-01-01T10:00:00.000Z"}]})");
  ASSERT_TRUE(read.has_value()) << read.error().detail;
  const auto& l = read->leases.at("0");
  EXPECT_EQ(l.continuation, "\"24\"");
  EXPECT_EQ(l.form, lease_form::pk);
  EXPECT_EQ(l.keys, std::nullopt);
  EXPECT_EQ(l.stored_at, l.timestamp);
  EXPECT_EQ(read->writes, 7U) << "no version is used twice";
}

TEST(store_document, no_truncation_is_taken_for_a_document) {
  const auto text = write_store(sample());
  for (std::size_t n = 0; n + 1 < text.size(); ++n) { // the last byte is the newline
    const auto read = read_store(std::string_view{text}.substr(0, n));
    ASSERT_FALSE(read.has_value()) << n << " bytes of " << text.size();
    EXPECT_EQ(read.error().code, errc::rejected);
  }
}

TEST(store_document, refuses_what_it_did_not_write) {
  const char* cases[] = {
      "{}",
      R"({"format":"other","version":1,"initialised":true,"writes":1,"leases":[]})",
      R"({"format":"feedcast-leases","version":0,"initialised":true,"writes":1,"leases":[]})",
      R"({"format":"feedcast-leases","version":3,"initialised":true,"writes":1,"leases":[]})",
      R"({"format":"feedcast-leases","version":2,"initialised":true,"writes":1,"leases":[
      {"range":"0","owner":"","continuation":"","version":"1","timestamp":"2026-01-01T00:00:00.000Z","form":"epk"}]})",
      R"({"format":"feedcast-leases","version":2,"initialised":true,"writes":1,"leases":[
      {"range":"0","owner":"","continuation":"","version":"1","timestamp":"2026-01-01T00:00:00.000Z","keys":{"min":""}}]})",
      R"({"format":"feedcast-leases","version":1,"initialised":1,"writes":1,"leases":[]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":-1,"leases":[]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"leases":{}})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"leases":[1]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"startedAt":"soon","leases":[]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"leases":[{"range":"0"}]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"leases":[
      {"range":"0","owner":"","continuation":"","version":"1","timestamp":"yesterday"}]})",
      R"({"format":"feedcast-leases","version":1,"initialised":true,"writes":1,"leases":[
      {"range":"0","owner":"","continuation":"","version":"1","timestamp":"2026-01-01T00:00:00.000Z"},
      {"range":"0","owner":"","continuation":"","version":"2","timestamp":"2026-01-01T00:00:00.000Z"}]})",
  };
  for (const auto* text : cases)
    EXPECT_FALSE(read_store(text).has_value()) << text;
}

} // namespace feedcast
