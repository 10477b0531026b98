#include "core/error.hpp"
#include "core/result.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast {

namespace {

constexpr errc all_codes[] = {
    errc::throttled, errc::unavailable, errc::timeout,   errc::malformed,    errc::session_behind,
    errc::gone,      errc::conflict,    errc::not_found, errc::unauthorized, errc::forbidden,
    errc::rejected,  errc::too_large,   errc::canceled,  errc::internal};

} // namespace

TEST(error, every_code_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  for (const auto code : all_codes)
    names.insert(to_string(code));

  EXPECT_EQ(names.size(), std::size(all_codes));
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(error, a_code_out_of_range_is_named_too) {
  EXPECT_EQ(to_string(errc{}), "unknown");
}

TEST(error, only_what_may_pass_by_itself_is_transient) {
  for (const auto code :
       {errc::throttled, errc::unavailable, errc::timeout, errc::malformed, errc::session_behind})
    EXPECT_TRUE(is_transient(code)) << to_string(code);
  for (const auto code :
       {errc::gone, errc::conflict, errc::not_found, errc::unauthorized, errc::forbidden,
        errc::rejected, errc::too_large, errc::canceled, errc::internal})
    EXPECT_FALSE(is_transient(code)) << to_string(code);
}

TEST(error, is_written_with_its_detail_and_wait) {
  EXPECT_EQ(to_string(error{errc::gone, "", {}}), "gone");
  EXPECT_EQ(to_string(error{errc::gone, "range 3 was split", {}}), "gone: range 3 was split");
  EXPECT_EQ(
      to_string(error{errc::throttled, "GET /dbs answered 429", std::chrono::milliseconds{12}}),
      "throttled: GET /dbs answered 429 (retry after 12 ms)");
}

TEST(result, holds_a_value_or_an_error) {
  const result<int> good = 7;
  const result<int> bad = make_error(errc::conflict, "written by b");

  EXPECT_EQ(*good, 7);
  ASSERT_FALSE(bad.has_value());
  EXPECT_EQ(bad.error().code, errc::conflict);
}

TEST(result, says_what_failed_if_the_value_is_taken_all_the_same) {
  const result<int> bad = make_error(errc::conflict, "written by b");

  try {
    static_cast<void>(bad.value());
    FAIL() << "no exception";
  } catch (const std::exception& e) {
    EXPECT_STREQ(e.what(), "conflict: written by b");
  }
}

} // namespace feedcast
