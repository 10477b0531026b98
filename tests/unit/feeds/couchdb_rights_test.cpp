#include "feeds/couchdb/rights.hpp"
#include "scripted_wire.hpp"

#include <gtest/gtest.h>

#include <set>

namespace feedcast::couchdb {

using test::said;
using test::scripted;
using test::scripted_server;

namespace {

using names = std::set<std::string>;

/// A database that keeps documents, and refuses requests that begin with one of `forbidden`.
struct guarded {
  names forbidden;
  int made = 0;
  int kept = 0;

  scripted operator()(const http::request& r) {
    const auto line = r.method + ' ' + r.target;
    for (const auto& one : forbidden)
      if (line.starts_with(one))
        return said(403, R"({"error":"forbidden","reason":"You are not allowed to access this )"
                         R"(db."})");
    if (r.method == "PUT")
      return ++made, ++kept, said(201, R"({"ok":true,"id":"x","rev":"1-ab"})");
    if (r.method == "DELETE")
      return r.target.ends_with("?rev=1-ab") ? (--kept, said(200, R"({"ok":true})"))
                                             : said(409, R"({"error":"conflict"})");
    return said(200, "{}");
  }
};

/// The probes that are refused.
names refused(std::vector<right_probe> probes) {
  names out;
  for (const auto& probe : probes) {
    EXPECT_FALSE(probe.mend.empty()) << probe.what;
    bool answered = false;
    probe.ask([&](const result<bool>& r) {
      answered = true;
      if (r)
        return;
      EXPECT_EQ(r.error().code, errc::forbidden) << r.error().detail;
      out.insert(probe.what);
    });
    EXPECT_TRUE(answered) << probe.what;
  }
  return out;
}

} // namespace

TEST(couchdb_rights, with_all_of_them_one_document_is_created_and_removed) {
  scripted_server s{login_options{}};
  guarded g;
  s.line->answer = std::ref(g);
  EXPECT_EQ(refused(feed_rights(s.server, "whisks")), names{});
  EXPECT_EQ(g.made, 0);
  EXPECT_EQ(refused(lease_rights(s.server, "leases", "check-")), names{});
  EXPECT_EQ(g.made, 1);
  EXPECT_EQ(g.kept, 0);
  EXPECT_TRUE(s.line->sent.back().request.target.starts_with("/leases/check-"));
}

TEST(couchdb_rights, each_that_is_missing_is_named) {
  const auto lacking = [](const std::string& request) {
    scripted_server s{login_options{}};
    guarded g{{request}};
    s.line->answer = std::ref(g);
    auto out = refused(feed_rights(s.server, "whisks"));
    out.merge(refused(lease_rights(s.server, "leases", "check-")));
    return out;
  };
  EXPECT_EQ(lacking("GET /whisks/_changes"), names{"read the changes of whisks"});
  EXPECT_EQ(lacking("GET /whisks"),
            (names{"read the database whisks", "read the changes of whisks"}));
  EXPECT_EQ(lacking("GET /leases/_all_docs"), names{"list the leases in leases"});
  EXPECT_EQ(lacking("GET /leases"),
            (names{"read the database leases", "list the leases in leases"}));
  EXPECT_EQ(lacking("PUT /leases/"), names{"create and remove leases in leases"});
  EXPECT_EQ(lacking("DELETE /leases/"), names{"create and remove leases in leases"});
}

} // namespace feedcast::couchdb
