#include "feeds/cosmos/resources.hpp"

#include <gtest/gtest.h>

namespace feedcast::cosmos {

TEST(resources, paths_are_encoded_and_links_are_not) {
  const auto c = collection_ref::make("my db", "caf\xc3\xa9");
  ASSERT_TRUE(c.has_value());
  const auto read = c->read();
  EXPECT_EQ(read.target, "/dbs/my%20db/colls/caf%C3%A9");
  EXPECT_EQ(read.link, "dbs/my db/colls/caf\xc3\xa9");
  EXPECT_EQ(read.type, "colls");
}

TEST(resources, calls_are_signed_for_what_they_touch) {
  const auto c = *collection_ref::make("db", "c");
  EXPECT_EQ(c.ranges().type, "pkranges");
  EXPECT_EQ(c.ranges().link, "dbs/db/colls/c");
  EXPECT_EQ(c.documents("GET").link, "dbs/db/colls/c");
  EXPECT_EQ(c.create("{}").link, "dbs/db");
  EXPECT_EQ(c.create("{}").type, "colls");
  EXPECT_EQ(c.create("{}").target, "/dbs/db/colls");
  EXPECT_EQ(read_account().type, "");
  EXPECT_EQ(read_account().link, "");
}

TEST(resources, documents_carry_their_id_as_partition_key) {
  const auto d = collection_ref::make("db", "c")->document("PUT", "host_O7RwAA==..0");
  EXPECT_EQ(d.target, "/dbs/db/colls/c/docs/host_O7RwAA%3D%3D..0");
  EXPECT_EQ(d.link, "dbs/db/colls/c/docs/host_O7RwAA==..0");
  EXPECT_EQ(d.headers.get("x-ms-documentdb-partitionkey"), R"(["host_O7RwAA==..0"])");
  EXPECT_EQ(d.describe(), "PUT /dbs/db/colls/c/docs/host_O7RwAA%3D%3D..0");
}

TEST(resources, names_that_could_break_out_are_refused) {
  for (const std::string name : {"", "a/b", "a\\b", "a?b", "a#b", "a\r\nb", "a ", "\x7f"}) {
    EXPECT_FALSE(collection_ref::make(name, "c").has_value()) << name;
    EXPECT_FALSE(collection_ref::make("db", name).has_value()) << name;
  }
  EXPECT_FALSE(collection_ref::make("db", std::string(256, 'x')).has_value());
  EXPECT_FALSE(collection_ref::make("db", std::string("a\0b", 3)).has_value());
}

} // namespace feedcast::cosmos
