#include "emulator/rid.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

TEST(rid, writes_the_texts_of_real_accounts) {
  const rid database{0x3bb47000};
  const rid collection{0x3bb47000, 0xaca525b6};

  EXPECT_EQ(database.to_text(), "O7RwAA==");
  EXPECT_EQ(collection.to_text(), "O7RwAKylJbY=");
  EXPECT_EQ((rid{0x3bb47000, 0xaca525b6, 1}.to_text()), "O7RwAKylJbYBAAAAAAAAAA==");
  EXPECT_EQ((rid{0x3bb47000, 0xaca525b6, 2, true}.to_text()), "O7RwAKylJbYCAAAAAAAAUA==");
}

TEST(rid, reads_what_it_writes) {
  for (const rid r : {rid{1}, rid{0xffffffff, 0xffffffff}, rid{7, 0x80000001, 0x0fffffffffffffff},
                      rid{7, 0x80000001, 0, true}})
    EXPECT_EQ(parse_rid(r.to_text()), r) << r.to_text();
}

TEST(rid, puts_a_dash_where_base64_has_a_slash) {
  const rid r{0xffffffff};

  EXPECT_EQ(r.to_text(), "-----w==");
  EXPECT_EQ(parse_rid("-----w=="), r);
}

TEST(rid, refuses_what_is_none) {
  for (const char* text :
       {"", "db1", "openwhisk", "O7RwAA", "O7RwACylJbY=", "O7RwAKylJbYBAAAAAAAAkA=="})
    EXPECT_EQ(parse_rid(text), std::nullopt) << text;
}

} // namespace
} // namespace feedcast::emulator
