#include "feeds/cosmos/lease_document.hpp"
#include "feeds/cosmos/position.hpp"
#include "leases/json.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

namespace {

const wall_time ten_o_clock{std::chrono::seconds{1'767'261'600}}; // 2026-01-01T10:00:00Z

lease_ids ids() {
  return *lease_ids::make("P", "host", "d", "c");
}

/// `document` with the id that fits range 0.
result<lease> read(std::string members) {
  return read_lease(R"({"id":")" + ids().lease("0") + R"(",)" + members + "}", ids());
}

} // namespace

TEST(lease_ids, are_those_of_the_java_processor) {
  const auto made =
      lease_ids::make("eu1-whisks", "acme.documents.azure.com", "openwhisk", "whisks");
  ASSERT_TRUE(made.has_value());
  EXPECT_EQ(made->lease("0"), "eu1-whisksacme.documents.azure.com_openwhisk_whisks..0");
  EXPECT_EQ(made->lease_prefix(), "eu1-whisksacme.documents.azure.com_openwhisk_whisks..");
  EXPECT_EQ(made->marker(), "eu1-whisksacme.documents.azure.com_openwhisk_whisks.info");
  EXPECT_EQ(made->lock(), "eu1-whisksacme.documents.azure.com_openwhisk_whisks.lock");
}

TEST(lease_ids, what_can_be_no_id_is_refused) {
  for (const std::string prefix : {"a/b", "a?", "a#", "a\\", "a\n", "caf\xc3\xa9"}) {
    const auto made = lease_ids::make(prefix, "h", "d", "c");
    ASSERT_FALSE(made.has_value()) << prefix;
    EXPECT_EQ(made.error().code, errc::rejected);
  }
  EXPECT_FALSE(lease_ids::make(std::string(240, 'p'), "h", "d", "c").has_value());
}

TEST(lease_document, reads_the_java_form) {
  const auto l = read(
      R"("_etag":"\"e1\"","LeaseToken":"0","Owner":null,"ContinuationToken":null,"properties":{},
    "timestamp":"2026-01-01T10:00:00.123Z[UTC]")");
  ASSERT_TRUE(l.has_value()) << l.error().detail;
  EXPECT_EQ(l->range_id, "0");
  EXPECT_EQ(l->owner, "");
  EXPECT_EQ(l->continuation, "");
  EXPECT_EQ(l->version, "\"e1\"");
  EXPECT_EQ(l->timestamp, ten_o_clock + milliseconds{123});
}

TEST(lease_document, reads_the_dotnet_forms) {
  const auto v3 =
      read(R"("version":0,"_etag":"e","LeaseToken":"0","FeedRange":{"Range":{"min":"","max":"FF"}},
    "Owner":"host-a","ContinuationToken":"\"24\"","timestamp":"2026-01-01T10:00:00.1230000Z","_ts":1,"Mode":"Incremental Feed")");
  ASSERT_TRUE(v3.has_value()) << v3.error().detail;
  EXPECT_EQ(v3->owner, "host-a");
  EXPECT_EQ(v3->continuation, "\"24\"");
  EXPECT_EQ(v3->timestamp, ten_o_clock + milliseconds{123});
  const auto v2 = read(R"("_etag":"e","PartitionId":"0","Owner":"host-a","_ts":1767261600)");
  ASSERT_TRUE(v2.has_value()) << v2.error().detail;
  EXPECT_EQ(v2->range_id, "0");
  EXPECT_EQ(v2->timestamp, ten_o_clock);
}

TEST(lease_document, damaged_leases_are_malformed_and_named) {
  for (const auto* members : {
           R"("_etag":"e","Owner":"x")",
           R"("_etag":"e","LeaseToken":"")",
           R"("_etag":"e","LeaseToken":0)",
           R"("_etag":"e","LeaseToken":"1")",
           R"("LeaseToken":"0")",
           R"("_etag":"e","LeaseToken":"0","timestamp":"yesterday")",
       }) {
    const auto l = read(members);
    ASSERT_FALSE(l.has_value()) << members;
    EXPECT_EQ(l.error().code, errc::malformed);
    EXPECT_NE(l.error().detail.find(ids().lease("0")), std::string::npos);
  }
  EXPECT_FALSE(read_lease("[]", ids()).has_value());
  EXPECT_FALSE(
      read(R"("_etag":"e","LeaseToken":"0","x":")" + std::string(70'000, 'x') + '"').has_value());
}

TEST(lease_document, what_could_not_be_written_again_is_refused) {
  const auto l = read(R"("_etag":"e","LeaseToken":"0","theirs":[1e400])");
  ASSERT_FALSE(l.has_value());
  EXPECT_EQ(l.error().code, errc::malformed);
}

TEST(lease_document, hostile_times_do_not_overflow) {
  const auto far = read(R"("_etag":"e","LeaseToken":"0","_ts":18446744073709551615)");
  ASSERT_TRUE(far.has_value());
  EXPECT_TRUE(read_lease(*write_lease(*far, ids(), ""), ids()).has_value())
      << "as the next reader finds it";
  EXPECT_TRUE(read(R"("_etag":"e","LeaseToken":"0","_ts":-5)").has_value());
}

TEST(lease_document, writes_what_java_and_keda_read) {
  lease l;
  l.range_id = "0";
  l.timestamp = ten_o_clock;
  const auto text = write_lease(l, ids(), "");
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text,
            R"({"id":")" + ids().lease("0")
                + R"(","LeaseToken":"0","Owner":null,"ContinuationToken":null,"properties":{},)"
                  R"("timestamp":"2026-01-01T10:00:00.000Z"})");
}

TEST(lease_document, members_we_do_not_know_survive) {
  auto l = read(
      R"("_etag":"e","LeaseToken":"0","Mode":"Incremental Feed","properties":{"a":[1,2.5]},"later":{"x":null})");
  ASSERT_TRUE(l.has_value());
  l->owner = "me";
  l->continuation = "\"25\"";
  const auto text = write_lease(*l, ids(), "");
  ASSERT_TRUE(text.has_value());
  const auto o = *json::parse_object(*text, "x");
  EXPECT_EQ(json::text_at(o, "Mode"), "Incremental Feed");
  EXPECT_EQ(json::text_at(o, "Owner"), "me");
  EXPECT_EQ(json::text_at(o, "ContinuationToken"), "\"25\"");
  EXPECT_NE(text->find(R"("properties":{"a":[1,2.5E0]},"later":{"x":null})"), std::string::npos)
      << *text;
}

TEST(lease_document, a_start_counts_only_where_there_is_no_position) {
  const std::string head =
      R"("_etag":"e","LeaseToken":"0","Owner":null,"timestamp":"2026-01-01T10:00:00Z",
    "properties":{"feedcastStart":"2026-01-01T10:00:00.000Z","x":"y"},"ContinuationToken":)";
  auto l = read(head + "null");
  ASSERT_TRUE(l.has_value()) << l.error().detail;
  EXPECT_EQ(l->start, ten_o_clock);
  EXPECT_EQ(read(head + R"("\"24\"")")->start, std::nullopt) << "kept by a library that moved on";
  l->start = wall_time{};
  EXPECT_NE(write_lease(*l, ids(), "")->find(R"("feedcastStart":"beginning")"), std::string::npos);
  EXPECT_EQ(read_lease(*write_lease(*l, ids(), ""), ids())->start, wall_time{});
  l->continuation = "\"25\"";
  const auto moved_on = write_lease(*l, ids(), "");
  EXPECT_EQ(moved_on->find("feedcastStart"), std::string::npos) << *moved_on;
  EXPECT_NE(moved_on->find(R"("x":"y")"), std::string::npos);
}

TEST(lease_document, keeps_what_belongs_to_a_position_beside_its_etag) {
  const position away{"\"24\"", continuation{"\"20\""}, "West US", ten_o_clock, ten_o_clock};
  for (const auto form : {lease_form::pk, lease_form::java_epk}) {
    lease l;
    l.form = form;
    l.keys = key_span{"", "FF"};
    l.range_id = form == lease_form::pk ? "0" : "-FF";
    l.continuation = to_token(away);
    auto stored = *json::parse_object(*write_lease(l, ids(), "O7RwAKylJbY="), "the lease");
    if (form == lease_form::pk) {
      EXPECT_EQ(json::text_at(stored, "ContinuationToken"), "\"24\"") << "others read it bare";
    }
    stored["_etag"] = "e";
    const auto back = read_lease(stored, ids());
    ASSERT_TRUE(back) << back.error().detail;
    EXPECT_EQ(back->continuation, to_token(away));
    // Another library goes on from the etag and keeps the rest.
    if (form == lease_form::pk) {
      stored["ContinuationToken"] = "\"30\"";
      auto later = away;
      later.at = "\"30\"";
      EXPECT_EQ(read_lease(stored, ids())->continuation, to_token(later));
    }
    // Home again.
    lease home = *back;
    home.continuation = to_token({"\"31\"", {}, "West US", ten_o_clock, {}});
    const auto again = write_lease(home, ids(), "O7RwAKylJbY=");
    ASSERT_TRUE(again) << again.error().detail;
    EXPECT_EQ(again->find("feedcastHome"), std::string::npos);
  }
}

TEST(lease_document, a_home_that_can_not_be_read_is_malformed) {
  const auto l = read(R"("_etag":"e","LeaseToken":"0","ContinuationToken":"\"24\"",)"
                      R"("properties":{"feedcastHome":"time:yesterday"})");
  ASSERT_FALSE(l);
  EXPECT_EQ(l.error().code, errc::malformed);
}

TEST(lease_document, numbers_of_others_do_not_move_with_each_writing) {
  const auto l = read(
      R"("_etag":"e","LeaseToken":"0","_ts":184467440737909551615,"theirs":-1.772497822403298E307)");
  ASSERT_TRUE(l.has_value());
  const auto once = write_lease(*l, ids(), "");
  const auto again = read_lease(*once, ids());
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(*write_lease(*again, ids(), ""), *once);
  EXPECT_NE(once->find(R"("theirs":-1.772497822403298E307)"), std::string::npos) << *once;
}

TEST(lease_document, an_old_dotnet_lease_keeps_its_form) {
  const auto l = read(R"("_etag":"e","PartitionId":"0","Owner":"host-a","_ts":1)");
  ASSERT_TRUE(l.has_value());
  const auto o = *json::parse_object(*write_lease(*l, ids(), ""), "x");
  EXPECT_EQ(json::text_at(o, "PartitionId"), "0");
  EXPECT_FALSE(o.contains("LeaseToken"));
}

TEST(lease_document, lists_stop_at_the_first_bad_lease) {
  const auto object = [](const std::string& text) { return *json::parse_object(text, "x"); };
  const auto good = object(R"({"id":")" + ids().lease("0") + R"(","_etag":"e","LeaseToken":"0"})");
  EXPECT_EQ(read_leases({good}, ids())->size(), 1U);
  const auto bad = read_leases({good, object(R"({"id":"x"})")}, ids());
  ASSERT_FALSE(bad.has_value());
  EXPECT_NE(bad.error().detail.find("lease x"), std::string::npos);
}

TEST(lease_document, of_two_with_one_token_the_later_one_counts) {
  const auto twin = [](const char* member, const char* owner, int stored) {
    return boost::json::object{
        {"id", ids().lease("0")}, {"_etag", "e"}, {member, "0"}, {"Owner", owner}, {"_ts", stored}};
  };
  const auto all =
      read_leases({twin("LeaseToken", "new", 20), twin("PartitionId", "old", 10)}, ids());
  ASSERT_TRUE(all.has_value());
  ASSERT_EQ(all->size(), 1U);
  EXPECT_EQ(all->front().owner, "new");
}

TEST(lease_marker, carries_the_time_of_the_first_start) {
  const auto state = read_marker(write_marker(ten_o_clock, ids()));
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->initialised);
  EXPECT_EQ(state->started_at, ten_o_clock);
}

TEST(lease_marker, of_another_library_has_no_time) {
  const auto state = read_marker(R"({"id":"P.info"})");
  ASSERT_TRUE(state.has_value());
  EXPECT_TRUE(state->initialised);
  EXPECT_EQ(state->started_at, std::nullopt);
}

TEST(lease_marker, of_another_library_is_younger_than_its_leases) {
  const auto state = read_marker(R"({"id":"P.info","_ts":1767261600})");
  ASSERT_TRUE(state.has_value());
  EXPECT_EQ(state->started_at, ten_o_clock - std::chrono::seconds{60});
}

} // namespace feedcast::cosmos
