#include "emulator/program_options.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

TEST(program_options, reads_a_container_in_all_its_forms) {
  const auto plain = parse_container_wish("db/coll");
  const auto full = parse_container_wish("db/coll:4:/a/b");

  ASSERT_TRUE(plain && full);
  EXPECT_EQ(plain->database, "db");
  EXPECT_EQ(plain->container, "coll");
  EXPECT_EQ(plain->ranges, 0U);
  EXPECT_EQ(plain->key_path, "/id");
  EXPECT_EQ(full->ranges, 4U);
  EXPECT_EQ(full->key_path, "/a/b");
}

TEST(program_options, says_what_is_wrong_with_a_container) {
  for (const char* bad : {"", "db", "/coll", "db/", "db/coll:0", "db/coll:x", "db/coll:4x"}) {
    const auto wish = parse_container_wish(bad);
    ASSERT_FALSE(wish.has_value()) << bad;
    EXPECT_NE(wish.error().detail.find("DB/COLL"), std::string::npos);
  }
}

} // namespace
} // namespace feedcast::emulator
