// Lease documents as the libraries write them, read and written again.
#include "feeds/cosmos/java_state.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "leases/json.hpp"

#include <boost/json/serialize.hpp>
#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

const wall_time ten_o_clock{std::chrono::seconds{1'767'261'600}}; // 2026-01-01T10:00:00Z
const std::string rid = "O7RwAKylJbY=";

lease_ids ids() {
  return *lease_ids::make("P", "host", "O7RwAA==", rid);
}

result<lease> read(const std::string& token, const std::string& members) {
  return read_lease(R"({"id":")" + ids().lease(token) + R"(",)" + members + "}", ids());
}

boost::json::object written(const lease& l) {
  const auto text = write_lease(l, ids(), rid);
  EXPECT_TRUE(text.has_value());
  return *json::parse_object(*text, "x");
}

const std::string state_123 = *write_java_state("", "\"123\"", whole_key_space(), rid);

std::string java_epk(const std::string& continuation) {
  return R"("_etag":"\"e\"","LeaseToken":"-FF","ContinuationToken":)" + continuation
         + R"(,"timestamp":"2026-01-01T10:00:00Z","Owner":"host-a","version":1,)"
           R"("feedRange":{"Range":{"min":"","max":"FF"}},"_ts":1767261601)";
}

constexpr auto dotnet_epk =
    R"("version":1,"_etag":"e","LeaseToken":"1F-FF","FeedRange":{"Range":{"min":"1F","max":"FF"}},)"
    R"("Owner":"host-a","ContinuationToken":"\"24\"","properties":{"k":"v"},)"
    R"("timestamp":"2026-01-01T10:00:00.1234567Z","_ts":1767261600,"Mode":"Incremental Feed")";

} // namespace

TEST(lease_forms, java_epk_is_read_inside_its_state) {
  const auto l = read("-FF", java_epk('"' + state_123 + '"'));
  ASSERT_TRUE(l.has_value()) << l.error().detail;
  EXPECT_EQ(l->form, lease_form::java_epk);
  EXPECT_EQ(l->keys, whole_key_space());
  EXPECT_EQ(l->continuation, "\"123\"");
  EXPECT_EQ(l->owner, "host-a");
  EXPECT_EQ(l->timestamp, ten_o_clock);
  EXPECT_EQ(l->stored_at, ten_o_clock + std::chrono::seconds{1});
}

TEST(lease_forms, java_epk_without_a_position_stays_without) {
  auto l = read("-FF", java_epk("null"));
  ASSERT_TRUE(l.has_value());
  EXPECT_EQ(l->form, lease_form::java_epk);
  EXPECT_EQ(l->continuation, "");
  EXPECT_TRUE(written(*l).at("ContinuationToken").is_null());
  l->continuation = "\"123\"";
  EXPECT_EQ(json::text_at(written(*l), "ContinuationToken"), state_123);
}

TEST(lease_forms, java_epk_keeps_its_state_to_the_byte) {
  // As another writer might space it.
  std::string spaced =
      "eyAiViI6MSwgIkNvbnRpbnVhdGlvbiI6IHsiQ29udGludWF0aW9uIjpbeyJ0b2tlbiI6IlwiN1wiIn1dfX0=";
  const auto l = read("-FF", java_epk('"' + spaced + '"'));
  ASSERT_TRUE(l.has_value()) << l.error().detail;
  EXPECT_EQ(l->continuation, "\"7\"");
  EXPECT_EQ(json::text_at(written(*l), "ContinuationToken"), spaced);
}

TEST(lease_forms, java_epk_is_written_as_java_reads_it) {
  lease l;
  l.range_id = "-FF";
  l.form = lease_form::java_epk;
  l.keys = whole_key_space();
  l.owner = "host-a";
  l.continuation = "\"123\"";
  l.timestamp = ten_o_clock;
  EXPECT_EQ(*write_lease(l, ids(), rid),
            R"({"id":")" + ids().lease("-FF") + R"(","version":1,"LeaseToken":"-FF",)"
                + R"("feedRange":{"Range":{"min":"","max":"FF"}},"Owner":"host-a",)"
                + R"("ContinuationToken":")" + state_123
                + R"(","properties":{},"timestamp":"2026-01-01T10:00:00.000Z"})");
}

TEST(lease_forms, dotnet_epk_is_read_and_kept) {
  auto l = read("1F-FF", dotnet_epk);
  ASSERT_TRUE(l.has_value()) << l.error().detail;
  EXPECT_EQ(l->form, lease_form::dotnet_epk);
  EXPECT_EQ(l->keys, (key_span{"1F", "FF"}));
  EXPECT_EQ(l->continuation, "\"24\"");
  l->continuation = "\"25\"";
  const auto o = written(*l);
  EXPECT_EQ(json::text_at(o, "ContinuationToken"), "\"25\"");
  EXPECT_EQ(json::text_at(o, "Mode"), "Incremental Feed");
  EXPECT_EQ(boost::json::serialize(o.at("FeedRange")), R"({"Range":{"min":"1F","max":"FF"}})");
  EXPECT_FALSE(o.contains("feedRange"));
  EXPECT_EQ(o.at("version"), boost::json::value(1));
}

TEST(lease_forms, dotnet_epk_is_written_as_dotnet_reads_it) {
  lease l;
  l.range_id = "1F-FF";
  l.form = lease_form::dotnet_epk;
  l.keys = key_span{"1F", "FF"};
  l.continuation = "\"24\"";
  const auto o = written(l);
  EXPECT_EQ(o.at("version"), boost::json::value(1));
  EXPECT_EQ(boost::json::serialize(o.at("FeedRange")), R"({"Range":{"min":"1F","max":"FF"}})");
  EXPECT_EQ(json::text_at(o, "ContinuationToken"), "\"24\"");
}

TEST(lease_forms, a_range_keeps_the_keys_that_it_has) {
  auto l = read("0", R"("_etag":"e","LeaseToken":"0","FeedRange":{"Range":{"min":"","max":"1F"}})");
  ASSERT_TRUE(l.has_value());
  EXPECT_EQ(l->form, lease_form::pk);
  EXPECT_EQ(l->keys, (key_span{"", "1F"}));
  auto java = read("0", R"("_etag":"e","LeaseToken":"0")");
  ASSERT_TRUE(java.has_value());
  EXPECT_EQ(java->keys, std::nullopt);
  EXPECT_FALSE(written(*java).contains("FeedRange"));
  java->keys = key_span{"1F", "FF"};
  EXPECT_EQ(boost::json::serialize(written(*java).at("FeedRange")),
            R"({"Range":{"min":"1F","max":"FF"}})");
  EXPECT_FALSE(written(*java).contains("version")) << "KEDA reads version 0 and none";
}

TEST(lease_forms, keys_that_we_can_not_read_are_left_alone) {
  for (const auto* odd : {R"({"PKRangeId":"0"})", R"({"Range":{"min":"x","max":"FF"}})",
                          R"({"Range":{"min":"","max":"FF","isMaxInclusive":true}})"}) {
    auto l = read("0", std::string{R"("_etag":"e","LeaseToken":"0","FeedRange":)"} + odd);
    ASSERT_TRUE(l.has_value()) << odd;
    EXPECT_EQ(l->keys, std::nullopt);
    l->keys = whole_key_space();
    EXPECT_EQ(boost::json::serialize(written(*l).at("FeedRange")), odd);
  }
}

TEST(lease_forms, damaged_leases_of_key_spans_are_malformed) {
  for (
      const auto* members : {
          R"("_etag":"e","version":1,"LeaseToken":"-FF")",
          R"("_etag":"e","version":1,"LeaseToken":"-FF","FeedRange":{"Range":{"min":"","max":"EF"}})",
          R"("_etag":"e","version":1,"LeaseToken":"-FF","FeedRange":{"Range":{"min":"FF","max":""}})",
          R"("_etag":"e","version":1,"LeaseToken":"-FF","feedRange":{"Range":{"min":"","max":"FF"}},"ContinuationToken":"\"24\"")",
      }) {
    const auto l = read("-FF", members);
    ASSERT_FALSE(l.has_value()) << members;
    EXPECT_EQ(l.error().code, errc::malformed) << l.error().detail;
    EXPECT_NE(l.error().detail.find(ids().lease("-FF")), std::string::npos);
  }
}

TEST(lease_forms, other_kinds_of_processors_are_refused) {
  const auto all_versions =
      read("0", R"("_etag":"e","LeaseToken":"0","Mode":"Full-Fidelity Feed")");
  ASSERT_FALSE(all_versions.has_value());
  EXPECT_EQ(all_versions.error().code, errc::rejected);
  const auto old = read("0", R"("_etag":"e","state":"LEASED","partitionId":"0","owner":"x")");
  ASSERT_FALSE(old.has_value());
  EXPECT_EQ(old.error().code, errc::rejected);
  EXPECT_NE(old.error().detail.find("2018"), std::string::npos);
}

TEST(lease_forms, our_own_members_go_with_their_owner) {
  auto l = read("0", R"("_etag":"e","LeaseToken":"0","properties":{"k":"v"})");
  ASSERT_TRUE(l.has_value());
  l->owner = "a";
  l->boot = "17-x";
  l->away = true;
  auto o = written(*l);
  EXPECT_EQ(boost::json::serialize(o.at("properties")),
            R"({"k":"v","feedcastOwner":"a","feedcastBoot":"17-x","feedcastAway":"true"})");
  o["_etag"] = "e2";
  auto again = read_lease(o, ids());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->boot, "17-x");
  EXPECT_TRUE(again->away);

  auto taken = o; // by .NET, which keeps properties
  taken["Owner"] = "dotnet-host";
  const auto theirs = read_lease(taken, ids());
  EXPECT_EQ(theirs->boot, "");
  EXPECT_FALSE(theirs->away);

  again->owner.clear();
  EXPECT_EQ(boost::json::serialize(written(*again).at("properties")), R"({"k":"v"})");
}

} // namespace feedcast::cosmos
