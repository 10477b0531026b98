#include "feeds/couchdb/lease_database.hpp"
#include "tests/contract/lease_store_contract.hpp"
#include "tests/support/fake_couchdb.hpp"
#include "tests/support/live_couchdb.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <thread>

namespace feedcast::test {

namespace {

std::unique_ptr<lease_store> store_in(std::shared_ptr<couchdb::server> at, std::string database) {
  couchdb::lease_database_options o;
  o.database = std::move(database);
  o.prefix = "eu1-whisks";
  o.feed_host = "couch.example";
  o.feed_database = "whisk_local_whisks";
  return std::make_unique<couchdb::lease_database>(std::move(at), std::move(o));
}

/// A server in this process, which asks for a session.
struct fake_harness {
  std::unique_ptr<lease_store> connect() {
    couchdb::server_options o;
    o.name = "fake";
    o.endpoint = server.url();
    o.login = {couchdb::login_kind::cookie, "admin", settings::secret{"secret"}};
    return store_in(*couchdb::server::open(std::move(o), io, {}), "leases");
  }

  http::runtime io;
  testing::fake_couchdb server{io, {"admin", "secret"}};
};

/// That of COUCHDB_URL.
struct live_harness {
  static std::string missing() { return testing::live_couchdb::missing(); }

  std::unique_ptr<lease_store> connect() {
    if (!server) {
      server.emplace(io);
      database = server->database("leases");
    }
    return store_in(server->connect(), database);
  }

  http::runtime io;
  std::optional<testing::live_couchdb> server;
  std::string database;
};

/// Two stores at once, each with connections of its own.
template <class Harness>
class couchdb_fencing : public ::testing::Test {
 protected:
  void SetUp() override {
    if constexpr (requires { Harness::missing(); })
      if (const auto why = Harness::missing(); !why.empty())
        GTEST_SKIP() << why;
    for (auto& store : stores_) {
      store = harness_.connect();
      const auto open = await<lease_store_state>([&](auto done) { store->open(std::move(done)); });
      ASSERT_TRUE(open.has_value()) << to_string(open.error());
    }
    lease l;
    l.range_id = "0";
    l.continuation = "0";
    const auto made = await<lease>([&](auto done) { stores_[0]->create(l, std::move(done)); });
    ASSERT_TRUE(made.has_value()) << to_string(made.error());
  }

  static result<lease> read(lease_store& from) {
    return await<lease>([&](auto done) { from.read("0", std::move(done)); });
  }

  static result<lease> take(lease_store& in, lease l, const std::string& who) {
    l.owner = who;
    return await<lease>([&](auto done) { in.replace(std::move(l), std::move(done)); });
  }

  Harness harness_;
  std::array<std::unique_ptr<lease_store>, 2> stores_;
};

TYPED_TEST_SUITE_P(couchdb_fencing);

} // namespace

TYPED_TEST_P(couchdb_fencing, of_two_that_read_the_same_version_one_wins) {
  const auto a = this->read(*this->stores_[0]);
  const auto b = this->read(*this->stores_[1]);
  ASSERT_TRUE(a && b);
  ASSERT_EQ(a->version, b->version);
  ASSERT_TRUE(this->take(*this->stores_[1], *b, "host-b").has_value());
  const auto late = this->take(*this->stores_[0], *a, "host-a");
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, errc::conflict);
  EXPECT_EQ(this->read(*this->stores_[0])->owner, "host-b");
}

TYPED_TEST_P(couchdb_fencing, two_that_fight_for_a_lease_never_win_the_same_version) {
  constexpr int rounds = 60;
  std::array<std::vector<std::string>, 2> won; // the versions that each replaced
  const auto fight = [&](std::size_t me) {
    for (int i = 0; i < rounds; ++i) {
      const auto seen = this->read(*this->stores_[me]);
      ASSERT_TRUE(seen.has_value()) << to_string(seen.error());
      const auto mine = this->take(*this->stores_[me], *seen, "host-" + std::to_string(me));
      if (mine)
        won[me].push_back(seen->version);
      else
        ASSERT_EQ(mine.error().code, errc::conflict) << to_string(mine.error());
    }
  };
  std::thread other{[&] { fight(1); }};
  fight(0);
  other.join();
  std::map<std::string, int> times;
  for (const auto& versions : won)
    for (const auto& version : versions)
      ++times[version];
  EXPECT_EQ(times.size(), won[0].size() + won[1].size()) << "some version was replaced twice";
  // Somebody wins each time that anybody reads and writes.
  EXPECT_GE(times.size(), static_cast<std::size_t>(rounds));
  const auto last = this->read(*this->stores_[0]);
  ASSERT_TRUE(last.has_value());
  EXPECT_TRUE(last->version.starts_with(std::to_string(times.size() + 1) + '-'))
      << last->version << ": each win is one generation";
}

REGISTER_TYPED_TEST_SUITE_P(couchdb_fencing, of_two_that_read_the_same_version_one_wins,
                            two_that_fight_for_a_lease_never_win_the_same_version);

INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_fake, lease_store_contract, fake_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_live, lease_store_contract, live_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_fake, couchdb_fencing, fake_harness);
INSTANTIATE_TYPED_TEST_SUITE_P(couchdb_live, couchdb_fencing, live_harness);

} // namespace feedcast::test
