#include "app/leases/report.hpp"
#include "app/leases/session.hpp"
#include "app/leases/surgery.hpp"
#include "leases/file_store.hpp"
#include "tests/support/fake_lease_store.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/app/leases_support.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace feedcast::app {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ranges_of(const std::vector<lease_edit>& edits) {
  std::vector<std::string> out;
  for (const auto& e : edits)
    out.push_back(e.after.range_id);
  return out;
}

/// A store in memory with ranges 1 and 2.
struct leases_surgery : ::testing::Test {
  leases_surgery() {
    truth.add_range("1", {0, 1, 2, 3});
    truth.add_range("2", {4, 5, 6, 7});
    table.now = [] { return store_now; };
    table.put("1", "host-a", 0, store_now);
    table.put("2", "host-b", 0, store_now);
  }

  std::vector<lease_view> leases() { return view_of(*store.list(), two_ranges(), minute); }

  testing::ledger truth;
  testing::lease_table table{truth};
  store_access store{std::make_shared<testing::fake_lease_store>(table)};
};

} // namespace

TEST(leases_release, takes_owners_and_keeps_positions) {
  auto owned = pk_lease("1", "host-a", "\"24\"");
  owned.away = true;
  const auto s = plan_release(views({owned, pk_lease("2", "", "\"7\"")}), store_now);
  ASSERT_THAT(ranges_of(s.edits), ElementsAre("1"));
  EXPECT_EQ(s.edits[0].after.owner, "");
  EXPECT_EQ(s.edits[0].after.boot, "");
  EXPECT_FALSE(s.edits[0].after.away);
  EXPECT_EQ(s.edits[0].after.continuation, "\"24\"");
  EXPECT_EQ(s.edits[0].after.version, "v1");
  EXPECT_EQ(s.edits[0].after.timestamp, store_now);
  EXPECT_THAT(s.edits[0].text, HasSubstr("of host-a, written 3 s ago -> nobody's"));
  ASSERT_EQ(s.untouched.size(), 1U);
  EXPECT_EQ(s.untouched[0].range_id, "2");
}

TEST(leases_rewind, takes_position_and_owner_and_leaves_a_start) {
  const auto to = at("2026-01-01T00:00:00Z");
  const auto s = plan_rewind(views({pk_lease("1", "host-a", "\"24\"")}), to, store_now);
  ASSERT_EQ(s.edits.size(), 1U);
  EXPECT_EQ(s.edits[0].after.continuation, "");
  EXPECT_EQ(s.edits[0].after.start, to);
  EXPECT_EQ(s.edits[0].after.owner, "") << "its owner would store its own position over it";
  EXPECT_THAT(s.edits[0].text, HasSubstr("position \"24\" -> time 2026-01-01T00:00:00.000Z"));
  EXPECT_THAT(s.notes, ElementsAre(HasSubstr("another library")));
}

TEST(leases_rewind, twice_is_once) {
  const auto first = plan_rewind(views({pk_lease("1", "", "\"24\"")}), wall_time{}, store_now);
  EXPECT_THAT(first.edits[0].text, HasSubstr("-> the beginning"));
  const auto second = plan_rewind(views({first.edits[0].after}), wall_time{}, store_now);
  EXPECT_THAT(second.edits, IsEmpty());
  EXPECT_THAT(second.untouched, ::testing::SizeIs(1));
  EXPECT_THAT(second.notes, IsEmpty());
}

TEST(leases_choice, is_each_named_one_once_or_all) {
  const auto all = views({pk_lease("1", "", ""), pk_lease("2", "", "")});
  EXPECT_EQ(choose(all, {})->size(), 2U);
  EXPECT_EQ(choose(all, {"2", "2"})->size(), 1U);
  const auto unknown = choose(all, {"1", "7"});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, errc::not_found);
  EXPECT_THAT(unknown.error().detail, HasSubstr("range 7"));
}

TEST(leases_owned, are_named_with_owner_and_age_unless_expired_or_not_edited) {
  const auto all = views({pk_lease("1", "host-a", "\"1\""), pk_lease("2", "b", "\"1\"", 3 * minute),
                          pk_lease("3", "host-c", "")});
  const auto s = plan_release(*choose(all, {"1", "2"}), store_now);
  EXPECT_THAT(objections_of(owned_among(s, all)),
              ElementsAre("lease 1 is owned by host-a, which wrote it 3 s ago"));
}

TEST_F(leases_surgery, writes_each_lease_by_compare_and_swap_and_goes_on_after_a_conflict) {
  const auto s = plan_release(leases(), store_now);
  table.put("1", "host-a", 0, store_now); // renewed since
  const auto outcome = carry_out(store, s);
  ASSERT_EQ(outcome.edits.size(), 2U);
  ASSERT_TRUE(outcome.edits[0]);
  EXPECT_EQ(outcome.edits[0]->code, errc::conflict);
  EXPECT_FALSE(outcome.edits[1]);
  EXPECT_EQ(outcome.written, 1U);
  EXPECT_FALSE(outcome.complete());
  EXPECT_EQ(table.leases.at("1").owner, "host-a");
  EXPECT_EQ(table.leases.at("2").owner, "");
}

TEST_F(leases_surgery, writes_the_marker_after_all_leases_and_only_then) {
  auto s = plan_release(leases(), store_now);
  s.marker = store_now;
  table.put("1", "host-a", 0, store_now);
  const auto failed = carry_out(store, s);
  EXPECT_TRUE(failed.marker);
  EXPECT_EQ(table.count("mark"), 0U);
  auto again = plan_release(leases(), store_now);
  again.marker = store_now;
  EXPECT_TRUE(carry_out(store, again).complete());
  EXPECT_EQ(table.calls.back().what, "mark");
  EXPECT_EQ(table.state.started_at, store_now);
}

TEST_F(leases_surgery, a_start_that_the_store_does_not_keep_is_no_success) {
  struct forgetful_store final : lease_store {
    void open(callback<lease_store_state>) override {}

    void list(callback<lease_listing>) override {}

    void lock(callback<milliseconds>) override {}

    void unlock(callback<bool>) override {}

    void create(lease, callback<lease>) override {}

    void replace(lease l, callback<lease> done) override {
      l.start.reset();
      done(std::move(l));
    }

    void read(std::string, callback<lease>) override {}

    void remove(lease, callback<bool>) override {}

    void mark_initialised(wall_time, callback<bool>) override {}

    lease_costs costs() const override { return {}; }
  };

  store_access access{std::make_shared<forgetful_store>()};
  const auto s = plan_rewind(views({pk_lease("1", "", "\"24\"")}), wall_time{}, store_now);
  const auto outcome = carry_out(access, s);
  ASSERT_TRUE(outcome.edits.at(0));
  EXPECT_THAT(outcome.edits[0]->detail, HasSubstr("the beginning"));
}

TEST_F(leases_surgery, an_answer_that_never_comes_is_a_timeout_and_harmless_when_late) {
  store_access hasty{std::make_shared<testing::fake_lease_store>(table), milliseconds{20}};
  table.hold = true;
  const auto answer = hasty.list();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, errc::timeout);
  table.answer_all();
}

TEST_F(leases_surgery, what_was_throttled_is_asked_again_within_its_time) {
  struct throttled_store final : lease_store {
    int open_calls = 0;

    void open(callback<lease_store_state> done) override {
      if (++open_calls < 3)
        return done(error{errc::throttled, "too many", milliseconds{1}});
      done(lease_store_state{true, std::nullopt});
    }

    void list(callback<lease_listing> done) override {
      done(error{errc::throttled, "too many", milliseconds{60'000}});
    }

    void lock(callback<milliseconds>) override {}

    void unlock(callback<bool>) override {}

    void create(lease, callback<lease>) override {}

    void replace(lease, callback<lease>) override {}

    void read(std::string, callback<lease>) override {}

    void remove(lease, callback<bool>) override {}

    void mark_initialised(wall_time, callback<bool>) override {}

    lease_costs costs() const override { return {}; }
  };

  const auto busy = std::make_shared<throttled_store>();
  store_access access{busy};
  EXPECT_TRUE(access.open());
  EXPECT_EQ(busy->open_calls, 3);
  EXPECT_EQ(access.list().error().code, errc::throttled) << "it would take longer than we wait";
}

TEST(leases_on_disk, a_rewind_is_kept_until_there_is_a_position) {
  const test::temporary_folder folder;
  const auto to = at("2026-01-01T00:00:00Z");
  {
    store_access store{std::make_shared<file_store>(folder.path(), "p")};
    ASSERT_TRUE(store.open());
    auto l = pk_lease("0", "host-a", "\"24\"");
    l.version.clear();
    ASSERT_TRUE(store.create(l));
    const auto s = plan_rewind(view_of(*store.list(), std::nullopt, minute), to, store_now);
    ASSERT_TRUE(carry_out(store, s).complete());
  }
  store_access store{std::make_shared<file_store>(folder.path(), "p")};
  ASSERT_TRUE(store.open());
  auto l = store.list()->leases.at(0);
  EXPECT_EQ(l.start, to);
  EXPECT_EQ(l.continuation, "");
  EXPECT_EQ(l.owner, "");
  l.continuation = "\"25\"";
  l.start.reset();
  ASSERT_TRUE(store.replace(l));
  EXPECT_EQ(store.list()->leases.at(0).start, std::nullopt);
}

TEST(leases_processor, has_to_be_named_if_there_are_several) {
  settings::service_config config;
  config.targets["eu"].feeds = {"whisks"};
  const auto only = choose_processor(config, "", "");
  ASSERT_TRUE(only);
  EXPECT_EQ(only->first, "eu");
  EXPECT_EQ(only->second, "whisks");
  config.targets["us"].feeds = {"whisks", "subjects"};
  EXPECT_THAT(choose_processor(config, "", "").error().detail,
              HasSubstr("eu/whisks, us/whisks, us/subjects"));
  EXPECT_FALSE(choose_processor(config, "us", ""));
  EXPECT_EQ(choose_processor(config, "", "subjects")->first, "us");
  EXPECT_EQ(choose_processor(config, "us", "whisks")->second, "whisks");
  EXPECT_THAT(choose_processor(config, "asia", "").error().detail, HasSubstr("no such"));
}

} // namespace feedcast::app
