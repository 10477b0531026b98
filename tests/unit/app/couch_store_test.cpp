#include "app/demo/couch_store.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace feedcast::app {

TEST(couch_store, documents_of_the_demo_become_what_couchdb_takes) {
  document_maker make{"eu1", "us2", 7};
  bool subject = false;
  bool deleted = false;
  for (int i = 0; i < 2000; ++i) {
    const auto d = make.next();
    const auto o = boost::json::parse(couch_body(d, "1-a")).as_object();
    for (const auto& member : o)
      EXPECT_TRUE(!member.key().starts_with('_') || member.key() == "_deleted"
                  || member.key() == "_rev")
          << member.key();
    EXPECT_FALSE(boost::json::parse(couch_body(d, {})).as_object().contains("_rev"));
    EXPECT_EQ(o.at(couch_cluster_member).as_string(), d.cluster);
    EXPECT_FALSE(o.contains("id"));
    EXPECT_EQ(couch_id(d).find('|'), std::string::npos);
    if (!d.subject) {
      EXPECT_EQ(couch_id(d), d.key);
    }
    subject |= d.subject;
    deleted |= o.contains("_deleted");
  }
  EXPECT_TRUE(subject);
  EXPECT_TRUE(deleted);
}

} // namespace feedcast::app
