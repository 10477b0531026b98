// Leases of processors of all versions and deletes.
#include "feeds/cosmos/bridge_position.hpp"
#include "feeds/cosmos/java_state.hpp"
#include "feeds/cosmos/lease_choice.hpp"
#include "feeds/cosmos/lease_document.hpp"
#include "leases/json.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using settings::feed_mode;

namespace {

lease_ids ids(feed_mode mode) {
  return *lease_ids::make("P", "host", "d", "c", mode);
}

std::string document(const std::string& members) {
  return R"({"id":")" + ids(feed_mode::latest).lease("0") + R"(","_etag":"e","LeaseToken":"0",)"
         + members + "}";
}

const std::string full = R"("Mode":"Full-Fidelity Feed")";

} // namespace

TEST(all_versions_lease, says_its_mode_and_is_read_again) {
  lease l;
  l.range_id = "0";
  l.continuation = R"({"at":"\"7\"","mode":"ff"})";
  const auto text = write_lease(l, ids(feed_mode::all_versions), "rid");
  ASSERT_TRUE(text.has_value());
  auto o = *json::parse_object(*text, "x");
  EXPECT_EQ(json::text_at(o, "Mode"), "Full-Fidelity Feed");
  o["_etag"] = "e";
  const auto again = read_lease(o, ids(feed_mode::all_versions));
  ASSERT_TRUE(again.has_value()) << to_string(again.error());
  EXPECT_EQ(again->continuation, l.continuation);
}

TEST(all_versions_lease, of_the_other_mode_is_refused_with_a_reason) {
  const auto all = read_lease(document(full), ids(feed_mode::latest));
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().code, errc::rejected);
  EXPECT_NE(all.error().detail.find("this feed has mode latest"), std::string::npos);
  for (const auto* latest : {R"("Owner":"x")", R"("Mode":"Incremental Feed")", R"("Mode":null)"}) {
    const auto l = read_lease(document(latest), ids(feed_mode::all_versions));
    ASSERT_FALSE(l.has_value()) << latest;
    EXPECT_EQ(l.error().code, errc::rejected);
    EXPECT_NE(l.error().detail.find("this feed has mode all-versions"), std::string::npos);
  }
}

TEST(all_versions_lease, of_another_library_holds_a_position_of_all_versions) {
  const auto l =
      read_lease(document(full + R"(,"ContinuationToken":"\"24\"")"), ids(feed_mode::all_versions));
  ASSERT_TRUE(l.has_value());
  const auto position = parse_bridge_position(l->continuation);
  EXPECT_EQ(position->at, "\"24\"");
  EXPECT_FALSE(position->bridge);
}

TEST(all_versions_lease, keeps_an_imported_position_of_latest_versions_for_one) {
  lease l;
  l.range_id = "0";
  l.continuation = "\"24\"";
  auto o = *json::parse_object(*write_lease(l, ids(feed_mode::all_versions), ""), "x");
  o["_etag"] = "e";
  const auto again = read_lease(o, ids(feed_mode::all_versions));
  EXPECT_EQ(parse_bridge_position(again->continuation)->bridge,
            read_position{continuation{"\"24\""}});
}

TEST(all_versions_lease, of_java_has_the_mode_in_its_state) {
  const auto state =
      write_java_state("", "\"7\"", whole_key_space(), "rid", feed_mode::all_versions);
  ASSERT_TRUE(state.has_value());
  EXPECT_FALSE(read_java_state(*state).has_value());
  EXPECT_EQ(*read_java_state(*state, feed_mode::all_versions), "\"7\"");
  const auto latest = write_java_state("", "\"7\"", whole_key_space(), "rid");
  const auto refused = read_java_state(*latest, feed_mode::all_versions);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().detail.find("INCREMENTAL"), std::string::npos);

  const auto text = R"({"id":")" + ids(feed_mode::latest).lease("-FF")
                    + R"(","_etag":"e","version":1,"LeaseToken":"-FF","feedRange":{"Range":)"
                      R"({"min":"","max":"FF"}},"ContinuationToken":")"
                    + *state + "\"}";
  const auto l = read_lease(text, ids(feed_mode::all_versions));
  ASSERT_TRUE(l.has_value()) << to_string(l.error());
  EXPECT_EQ(parse_bridge_position(l->continuation)->at, "\"7\"");
}

TEST(all_versions_lease, is_not_chosen_for_the_other_mode) {
  const feed_names names{"d", "c", "d==", "c="};
  const std::vector<boost::json::object> there{*json::parse_object(document(full), "x")};
  EXPECT_FALSE(choose_leases(there, "P", "host", names, lease_format::automatic).has_value());
  EXPECT_TRUE(
      choose_leases(there, "P", "host", names, lease_format::automatic, feed_mode::all_versions)
          .has_value());
}

} // namespace feedcast::cosmos
