#include "leases/store_document.hpp"

#include <gtest/gtest.h>

namespace feedcast {

namespace {

store_document sample() {
  store_document d;
  d.state = {true, wall_time{milliseconds{1'767'225'600'001}}};
  d.writes = 12;
  d.leases["0"] = {"0", "host-a", "\"24\"", wall_time{milliseconds{1'767'261'600'123}}, "11", ""};
  d.leases["1"] = {"1", "", "", wall_time{milliseconds{1'767'261'600'000}}, "12", ""};
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
  EXPECT_TRUE(read->leases.at("1").owner.empty());
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
      R"({"format":"feedcast-leases","version":2,"initialised":true,"writes":1,"leases":[]})",
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
