#include "feeds/cosmos/bridge_position.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

using settings::feed_mode;
using std::chrono::seconds;

namespace {

const wall_time noon{seconds{1767225600}};

} // namespace

TEST(bridge_position, is_the_same_after_being_stored) {
  const start_point beginning{start_point::kind::beginning, {}};
  const start_point time{start_point::kind::time, noon};
  for (const auto& p :
       {bridge_position{"\"123\"", {}, {}}, bridge_position{"\"123\"", {}, noon},
        bridge_position{"\"123\"", continuation{"\"9\""}, noon},
        bridge_position{"\"123\"", beginning, noon}, bridge_position{"\"123\"", time, noon}}) {
    const auto again = parse_bridge_position(to_token(p));
    ASSERT_TRUE(again.has_value()) << to_token(p);
    EXPECT_EQ(*again, p) << to_token(p);
  }
}

TEST(bridge_position, is_written_as_documented) {
  EXPECT_EQ(to_token({"\"123\"", continuation{"\"100\""}, noon}),
            R"({"at":"\"123\"","mode":"ff","bridge":"\"100\"","since":1767225600})");
}

TEST(bridge_position, takes_any_other_text_for_a_position_of_latest_versions) {
  for (const auto* text :
       {"\"123\"", "123", "some future form", R"({"at":"\"5\"","home":"x"})", "{"}) {
    const auto p = parse_bridge_position(text);
    ASSERT_TRUE(p.has_value()) << text;
    EXPECT_TRUE(p->at.empty());
    EXPECT_EQ(p->bridge, read_position{continuation{text}});
  }
}

TEST(bridge_position, refuses_what_is_marked_and_says_no_position) {
  for (const auto* text : {R"({"mode":"ff"})", R"({"mode":"ff","at":""})",
                           R"({"mode":"ff","at":"\"1\"","bridge":"@soon"})"}) {
    const auto p = parse_bridge_position(text);
    ASSERT_FALSE(p.has_value()) << text;
    EXPECT_EQ(p.error().code, errc::rejected);
  }
}

TEST(bridge_position, marks_the_plain_positions_of_other_libraries_by_their_mode) {
  EXPECT_EQ(marked_position("", feed_mode::latest), "");
  EXPECT_EQ(marked_position(R"({"at":"\"1\""})", feed_mode::latest), R"({"at":"\"1\""})");
  const auto latest = parse_bridge_position(marked_position("\"7\"", feed_mode::latest));
  EXPECT_EQ(latest->bridge, read_position{continuation{"\"7\""}});
  const auto all = parse_bridge_position(marked_position("\"7\"", feed_mode::all_versions));
  EXPECT_EQ(all->at, "\"7\"");
  EXPECT_FALSE(all->bridge);
}

} // namespace feedcast::cosmos
