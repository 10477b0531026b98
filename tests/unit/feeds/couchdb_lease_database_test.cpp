#include "feeds/couchdb/lease_database.hpp"
#include "tests/contract/await.hpp"
#include "tests/support/fake_couchdb.hpp"

#include <gtest/gtest.h>

#include <future>

namespace feedcast::couchdb {

using namespace std::chrono_literals;
using test::await;

namespace {

using answer_to = std::optional<http::server_response>;

http::server_response say(unsigned status, std::string body) {
  http::server_response out;
  out.status = status;
  out.headers.set("content-type", "application/json");
  out.body = std::move(body);
  return out;
}

/// This machine's clocks, some time ago.
class late_clock final : public clock_source {
 public:
  steady_time steady() const override { return system_clock_source().steady(); }

  wall_time wall() const override { return system_clock_source().wall() - 1h; }
};

class couchdb_lease_database : public ::testing::Test {
 protected:
  std::unique_ptr<lease_database> connect(const std::string& prefix = "eu1-",
                                          const clock_source& clock = system_clock_source()) {
    server_options o;
    o.name = "fake";
    o.endpoint = server_.url();
    lease_database_options leases;
    leases.database = "leases";
    leases.prefix = prefix;
    leases.feed_host = "couch";
    leases.feed_database = "a/b";
    return std::make_unique<lease_database>(*server::open(std::move(o), io_, {}, clock), leases,
                                            clock);
  }

  result<lease_store_state> open() {
    return await<lease_store_state>([&](auto done) { store_->open(std::move(done)); });
  }

  void must_open() {
    const auto r = open();
    ASSERT_TRUE(r.has_value()) << to_string(r.error());
  }

  result<lease> create(const std::string& range = "0") {
    lease l;
    l.range_id = range;
    l.owner = "host-a";
    return await<lease>([&](auto done) { store_->create(std::move(l), std::move(done)); });
  }

  result<lease> replace(lease l) {
    return await<lease>([&](auto done) { store_->replace(std::move(l), std::move(done)); });
  }

  result<lease> read(const std::string& range = "0") {
    return await<lease>([&](auto done) { store_->read(range, std::move(done)); });
  }

  result<lease_listing> list() {
    return await<lease_listing>([&](auto done) { store_->list(std::move(done)); });
  }

  result<bool> remove(lease l) {
    return await<bool>([&](auto done) { store_->remove(std::move(l), std::move(done)); });
  }

  result<milliseconds> lock() {
    return await<milliseconds>([&](auto done) { store_->lock(std::move(done)); });
  }

  std::vector<std::string> leaves(const std::string& id = lease_id) const {
    return server_.leaves("leases", id);
  }

  /// A lease as another feedcast wrote it.
  static boost::json::object document(const std::string& owner) {
    return {{"type", "feedcast-lease"},
            {"version", 1},
            {"range", "0"},
            {"form", "pk"},
            {"owner", owner},
            {"continuation", "here"},
            {"timestamp", "2026-11-24T03:38:41.000Z"},
            {"storedAt", "2026-11-24T03:38:41.000Z"},
            {"note", "of somebody else"}};
  }

  static constexpr const char* lease_id = "eu1-couch_a/b..0";

  http::runtime io_;
  testing::fake_couchdb server_{io_};
  std::unique_ptr<lease_database> store_ = connect();
};

} // namespace

// -- opening -------------------------------------------------------------------------------------

TEST_F(couchdb_lease_database, is_created_if_it_is_missing) {
  int created = 0;
  server_.on_answer([&](const http::server_request& r, http::server_response& answer) {
    created += r.message.method == "PUT" && answer.status == 201 ? 1 : 0;
  });
  must_open();
  must_open();
  EXPECT_EQ(created, 1);
}

TEST_F(couchdb_lease_database, somebody_else_may_create_it_at_the_same_moment) {
  server_.on_answer([](const http::server_request& r, http::server_response& answer) {
    if (r.message.method == "PUT")
      answer = say(412, R"({"error":"file_exists","reason":"The database could not be created, )"
                        R"(the file already exists."})");
  });
  must_open();
  EXPECT_TRUE(list().has_value());
}

TEST_F(couchdb_lease_database, the_right_that_is_missing_is_named) {
  server_.on_request([](const http::server_request& r) -> answer_to {
    if (r.message.method != "PUT")
      return std::nullopt;
    return say(401, R"({"error":"unauthorized","reason":"You are not a server admin."})");
  });
  const auto r = open();
  ASSERT_FALSE(r.has_value());
  EXPECT_EQ(r.error().code, errc::forbidden);
  EXPECT_NE(r.error().detail.find("may not be created by this user"), std::string::npos)
      << r.error().detail;
}

TEST_F(couchdb_lease_database, nothing_is_done_before_it_is_open) {
  EXPECT_EQ(create().error().code, errc::rejected);
  EXPECT_EQ(read().error().code, errc::rejected);
  EXPECT_EQ(list().error().code, errc::rejected);
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(couchdb_lease_database, ids_that_the_server_keeps_for_itself_are_refused) {
  store_ = connect("_eu1-");
  EXPECT_EQ(open().error().code, errc::rejected);
  EXPECT_EQ(server_.requests(), 0U);
}

TEST_F(couchdb_lease_database, a_database_that_is_gone_is_no_lease_that_is_gone) {
  must_open();
  const auto l = create();
  ASSERT_TRUE(l.has_value());
  server_.on_request([](const http::server_request&) -> answer_to {
    return say(404, R"({"error":"not_found","reason":"Database does not exist."})");
  });
  EXPECT_EQ(read().error().code, errc::unavailable);
  EXPECT_EQ(replace(*l).error().code, errc::unavailable);
  EXPECT_EQ(list().error().code, errc::unavailable);
  EXPECT_EQ(remove(*l).error().code, errc::unavailable);
}

// -- writing -------------------------------------------------------------------------------------

TEST_F(couchdb_lease_database, what_too_few_nodes_stored_is_not_stored) {
  must_open();
  const auto l = create();
  ASSERT_TRUE(l.has_value());
  server_.on_answer([](const http::server_request& r, http::server_response& answer) {
    if (r.message.method != "GET")
      answer.status = 202;
  });
  EXPECT_EQ(replace(*l).error().code, errc::unavailable);
  EXPECT_EQ(create("1").error().code, errc::unavailable);
  EXPECT_EQ(remove(*l).error().code, errc::unavailable);
}

TEST_F(couchdb_lease_database, a_write_that_was_sent_twice_is_known_again) {
  must_open();
  server_.on_answer([](const http::server_request& r, http::server_response& answer) {
    if (r.message.method == "PUT") // the answer to the first was lost, this is the second's
      answer = say(409, R"({"error":"conflict","reason":"Document update conflict."})");
  });
  const auto created = create();
  ASSERT_TRUE(created.has_value()) << to_string(created.error());
  EXPECT_EQ(created->owner, "host-a");
  const auto replaced = replace(*created);
  ASSERT_TRUE(replaced.has_value()) << to_string(replaced.error());
  EXPECT_EQ(leaves(), std::vector<std::string>{replaced->version});
}

TEST_F(couchdb_lease_database, a_refused_write_that_a_minority_took_is_taken_back) {
  must_open();
  const auto l = create();
  ASSERT_TRUE(l.has_value());
  server_.on_answer([&](const http::server_request& r, http::server_response& answer) {
    if (r.message.method != "PUT")
      return;
    server_.add_leaf("leases", lease_id, document("host-b"), "2-00");
    answer = say(409, R"({"error":"conflict","reason":"Document update conflict."})");
  });
  const auto lost = replace(*l);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, errc::conflict);
  EXPECT_EQ(leaves(), std::vector<std::string>{"2-00"});
  EXPECT_EQ(read()->owner, "host-b");
}

TEST_F(couchdb_lease_database, copies_that_a_split_left_go_with_the_next_write) {
  must_open();
  ASSERT_TRUE(create().has_value());
  server_.add_leaf("leases", lease_id, document("host-b"), "1-00");
  ASSERT_EQ(leaves().size(), 2U);
  std::promise<void> removed;
  server_.on_answer([&](const http::server_request& r, http::server_response& answer) {
    if (r.message.method == "DELETE" && answer.status == 200)
      removed.set_value();
  });
  const auto seen = list();
  ASSERT_TRUE(seen.has_value());
  ASSERT_EQ(seen->leases.size(), 1U);
  EXPECT_EQ(seen->leases[0].owner, "host-a") << "the winner counts";
  const auto replaced = replace(seen->leases[0]);
  ASSERT_TRUE(replaced.has_value()) << to_string(replaced.error());
  ASSERT_EQ(removed.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(leaves(), std::vector<std::string>{replaced->version});
}

TEST_F(couchdb_lease_database, no_copy_takes_the_place_of_a_lease_that_is_removed) {
  must_open();
  const auto l = create();
  ASSERT_TRUE(l.has_value());
  server_.add_leaf("leases", lease_id, document("host-b"), "1-00");
  server_.add_leaf("leases", lease_id, document("host-c"), "1-01");
  EXPECT_TRUE(*remove(*l));
  EXPECT_TRUE(leaves().empty());
  EXPECT_EQ(read().error().code, errc::not_found);
}

TEST_F(couchdb_lease_database, a_lease_is_removed_whoever_wrote_it_last) {
  must_open();
  const auto l = create();
  ASSERT_TRUE(replace(*l).has_value());
  EXPECT_TRUE(*remove(*l));
  EXPECT_EQ(read().error().code, errc::not_found);
}

TEST_F(couchdb_lease_database, a_lease_that_was_never_read_is_not_created_by_replacing_it) {
  must_open();
  lease l;
  l.range_id = "0";
  EXPECT_EQ(replace(l).error().code, errc::rejected);
  EXPECT_TRUE(list()->leases.empty());
}

TEST_F(couchdb_lease_database, times_are_the_servers) {
  const late_clock late;
  store_ = connect("eu1-", late);
  must_open();
  const auto l = create();
  ASSERT_TRUE(l.has_value());
  const auto real = system_clock_source().wall();
  EXPECT_LT(real - l->stored_at, 5s);
  EXPECT_GT(real - l->stored_at, -5s);
  EXPECT_LT(real - list()->now, 5s);
}

// -- what others wrote ---------------------------------------------------------------------------

TEST_F(couchdb_lease_database, members_that_are_not_ours_survive) {
  must_open();
  server_.add_leaf("leases", lease_id, document("host-b"), "1-00");
  auto l = *read();
  EXPECT_EQ(l.owner, "host-b");
  EXPECT_EQ(l.continuation, "here");
  l.owner = "host-a";
  ASSERT_TRUE(replace(l).has_value());
  EXPECT_NE(read()->raw.find("of somebody else"), std::string::npos);
}

TEST_F(couchdb_lease_database, a_document_that_is_no_lease_of_ours_is_not_guessed_at) {
  must_open();
  const auto stored = [&](const char* member, boost::json::value value) {
    auto d = document("host-b");
    if (value.is_null())
      d.erase(member);
    else
      d[member] = std::move(value);
    return d;
  };
  std::uint64_t generation = 0;
  for (const auto& [member, value, code] :
       std::initializer_list<std::tuple<const char*, boost::json::value, errc>>{
           {"type", nullptr, errc::malformed},
           {"type", "action", errc::malformed},
           {"version", 2, errc::rejected},
           {"version", nullptr, errc::rejected},
           {"range", "1", errc::malformed},
           {"range", nullptr, errc::malformed},
           {"form", "square", errc::malformed},
           {"storedAt", nullptr, errc::malformed},
           {"timestamp", "yesterday", errc::malformed},
           {"start", "soon", errc::malformed},
           {"keys", "all", errc::malformed}}) {
    server_.add_leaf("leases", lease_id, stored(member, value),
                     std::to_string(++generation) + "-00");
    EXPECT_EQ(read().error().code, code) << member;
    EXPECT_EQ(list().error().code, code) << member;
  }
}

TEST_F(couchdb_lease_database, other_processors_leases_are_not_listed) {
  must_open();
  ASSERT_TRUE(create().has_value());
  store_ = connect("eu2-");
  must_open();
  ASSERT_TRUE(create().has_value());
  ASSERT_TRUE(create("1").has_value());
  EXPECT_EQ(list()->leases.size(), 2U);
}

// -- the lock ------------------------------------------------------------------------------------

TEST_F(couchdb_lease_database, a_lock_of_somebody_else_is_waited_for) {
  must_open();
  ASSERT_EQ(*lock(), 0ms);
  const auto first = std::move(store_);
  store_ = connect();
  must_open();
  EXPECT_GT(*lock(), 0ms);
  EXPECT_FALSE(*await<bool>([&](auto done) { store_->unlock(std::move(done)); }));
  EXPECT_TRUE(*await<bool>([&](auto done) { first->unlock(std::move(done)); }));
  EXPECT_EQ(*lock(), 0ms);
}

TEST_F(couchdb_lease_database, a_lock_is_known_again_when_the_answer_was_lost) {
  must_open();
  server_.on_answer([](const http::server_request& r, http::server_response& answer) {
    if (r.message.method == "PUT" && answer.status == 201)
      answer = say(500, R"({"error":"error","reason":"timeout"})");
  });
  EXPECT_EQ(lock().error().code, errc::unavailable);
  server_.on_answer(nullptr);
  EXPECT_EQ(*lock(), 0ms);
}

TEST_F(couchdb_lease_database, an_old_lock_is_taken_over) {
  must_open();
  const auto lock_of = [](wall_time at) {
    return boost::json::object{
        {"type", "feedcast-lock"}, {"write", "another"}, {"storedAt", format_iso8601(at)}};
  };
  const auto now = system_clock_source().wall();
  server_.add_leaf("leases", "eu1-couch_a/b.lock", lock_of(now - 50s), "1-00");
  EXPECT_GT(*lock(), 0ms);
  server_.add_leaf("leases", "eu1-couch_a/b.lock", lock_of(now - 70s), "2-00");
  EXPECT_EQ(*lock(), 0ms);
}

// -- costs ---------------------------------------------------------------------------------------

TEST_F(couchdb_lease_database, calls_are_counted) {
  must_open();
  const auto before = store_->costs();
  ASSERT_TRUE(create().has_value());
  ASSERT_TRUE(list().has_value());
  ASSERT_TRUE(read().has_value());
  const auto after = store_->costs();
  EXPECT_EQ(after.writes.calls, before.writes.calls + 1);
  EXPECT_EQ(after.lists.calls, before.lists.calls + 1);
  EXPECT_EQ(after.reads.calls, before.reads.calls + 1);
}

} // namespace feedcast::couchdb
