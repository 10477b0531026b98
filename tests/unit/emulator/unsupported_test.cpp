#include "test_client.hpp"

#include <gtest/gtest.h>

#include <string>

namespace feedcast::emulator {
namespace {

struct missing {
  const char* method;
  const char* path;
  const char* named;
};

/// What docs/emulator.md says is not supported is said so when it is asked for.
TEST(unsupported, is_named) {
  testing::test_client account;
  account.make_container();
  const std::string container = "/dbs/db1/colls/c1";
  for (const auto& [method, path, named] :
       {missing{"POST", "/sprocs", "stored procedures"}, missing{"GET", "/sprocs/s", "stored"},
        missing{"POST", "/sprocs/s", "stored procedures"}, missing{"POST", "/triggers", "triggers"},
        missing{"DELETE", "/udfs/u", "user-defined functions"},
        missing{"GET", "/conflicts", "conflicts"},
        missing{"GET", "/docs/d/attachments", "attachments"},
        missing{"PATCH", "/docs/d", "partial updates"}}) {
    const auto r = account.send(method, container + path);
    EXPECT_EQ(r.status(), 400U) << method << path;
    EXPECT_NE(r.body.find(named), std::string::npos) << r.body;
  }
  EXPECT_EQ(account.send("POST", "/dbs/db1/users").status(), 400U);
  EXPECT_EQ(account.send("GET", "/dbs/db1/clientencryptionkeys").status(), 400U);
  EXPECT_EQ(account.send("GET", container + "/docs/nothing/here/at/all").status(), 404U);
}

} // namespace
} // namespace feedcast::emulator
