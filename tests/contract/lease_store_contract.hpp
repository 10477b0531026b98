#pragma once

#include "leases/lease_store.hpp"
#include "tests/contract/await.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What every lease_store promises, run against each implementation.
/// A harness owns one empty backing store and makes clients for it:
///     struct harness { std::unique_ptr<lease_store> connect(); };
/// The suite destroys a client before it asks for the next one. A harness whose backing store may
/// not be there says why it isn't by `static std::string missing()`; then the suite is skipped.
namespace feedcast::test {

template <class Harness>
class lease_store_contract : public ::testing::Test {
 protected:
  lease_store_contract() {
    if (missing().empty())
      reconnect();
  }

  void SetUp() override {
    if (const auto why = missing(); !why.empty())
      GTEST_SKIP() << why;
  }

  static std::string missing() {
    if constexpr (requires { Harness::missing(); })
      return Harness::missing();
    else
      return {};
  }

  lease_store_state reconnect() {
    store_.reset();
    store_ = harness_.connect();
    auto state = await<lease_store_state>([&](auto done) { store_->open(std::move(done)); });
    EXPECT_TRUE(state.has_value()) << (state ? "" : to_string(state.error()));
    return state ? *state : lease_store_state{};
  }

  result<lease> create(lease l) {
    return await<lease>([&](auto done) { store_->create(std::move(l), std::move(done)); });
  }

  result<lease> replace(lease l) {
    return await<lease>([&](auto done) { store_->replace(std::move(l), std::move(done)); });
  }

  result<lease> read(std::string range) {
    return await<lease>([&](auto done) { store_->read(std::move(range), std::move(done)); });
  }

  result<bool> remove(lease l) {
    return await<bool>([&](auto done) { store_->remove(std::move(l), std::move(done)); });
  }

  result<bool> mark(wall_time at) {
    return await<bool>([&](auto done) { store_->mark_initialised(at, std::move(done)); });
  }

  lease_listing look() {
    auto all = await<lease_listing>([&](auto done) { store_->list(std::move(done)); });
    EXPECT_TRUE(all.has_value()) << (all ? "" : to_string(all.error()));
    return all ? *all : lease_listing{};
  }

  std::vector<lease> list() { return look().leases; }

  result<milliseconds> lock() {
    return await<milliseconds>([&](auto done) { store_->lock(std::move(done)); });
  }

  result<bool> unlock() {
    return await<bool>([&](auto done) { store_->unlock(std::move(done)); });
  }

  static lease sample(std::string range) {
    lease l;
    l.range_id = std::move(range);
    l.owner = "host-a";
    l.boot = "1767261600123-0123abcd";
    l.continuation = "\"24\"";
    l.timestamp = wall_time{milliseconds{1'767'261'600'123}};
    return l;
  }

  /// A lease of a key span, in the store's own form for them.
  lease span_sample(const key_span& keys) {
    auto l = sample(to_string(keys));
    l.form = look().span_form;
    l.keys = keys;
    return l;
  }

  static void expect_same(const lease& a, const lease& b) {
    EXPECT_EQ(a.range_id, b.range_id);
    EXPECT_EQ(a.form, b.form);
    EXPECT_EQ(a.keys, b.keys);
    EXPECT_EQ(a.owner, b.owner);
    EXPECT_EQ(a.boot, b.boot);
    EXPECT_EQ(a.away, b.away);
    EXPECT_EQ(a.continuation, b.continuation);
    EXPECT_EQ(a.start, b.start);
    EXPECT_EQ(a.timestamp, b.timestamp);
  }

  Harness harness_;
  std::unique_ptr<lease_store> store_;
};

TYPED_TEST_SUITE_P(lease_store_contract);

TYPED_TEST_P(lease_store_contract, a_new_store_is_empty_and_not_initialised) {
  const auto state = this->reconnect();
  EXPECT_FALSE(state.initialised);
  EXPECT_FALSE(state.started_at.has_value());
  EXPECT_TRUE(this->list().empty());
}

TYPED_TEST_P(lease_store_contract, opening_twice_answers_the_same) {
  ASSERT_TRUE(this->mark(wall_time{std::chrono::seconds{1'767'225'600}}).has_value());
  const auto again =
      await<lease_store_state>([&](auto done) { this->store_->open(std::move(done)); });
  ASSERT_TRUE(again.has_value());
  EXPECT_TRUE(again->initialised);
}

TYPED_TEST_P(lease_store_contract, a_created_lease_comes_back_whole) {
  const auto sent = this->sample("0");
  const auto created = this->create(sent);
  ASSERT_TRUE(created.has_value());
  EXPECT_FALSE(created->version.empty());
  this->expect_same(*created, sent);
  const auto read = this->read("0");
  ASSERT_TRUE(read.has_value());
  this->expect_same(*read, sent);
  EXPECT_EQ(read->version, created->version);
  const auto all = this->list();
  ASSERT_EQ(all.size(), 1U);
  this->expect_same(all.front(), sent);
  EXPECT_EQ(all.front().version, created->version);
}

TYPED_TEST_P(lease_store_contract, leases_survive_a_reconnect) {
  // Of key spans, which every form of store has.
  ASSERT_TRUE(this->create(this->span_sample({"", "1F"})).has_value());
  ASSERT_TRUE(this->create(this->span_sample({"1F", "FF"})).has_value());
  this->reconnect();
  EXPECT_EQ(this->list().size(), 2U);
}

TYPED_TEST_P(lease_store_contract, nobody_and_no_position_are_kept_apart_from_text) {
  auto l = this->sample("7");
  l.owner.clear();
  l.boot.clear();
  l.continuation.clear();
  ASSERT_TRUE(this->create(l).has_value());
  const auto read = this->read("7");
  ASSERT_TRUE(read.has_value());
  this->expect_same(*read, l);
}

TYPED_TEST_P(lease_store_contract, awkward_text_comes_back_verbatim) {
  auto l = this->sample("3");
  l.continuation = "\"a\\b\" \xc3\xa9 </script> {}";
  l.owner = "h\xc3\xb6st \"x\"";
  ASSERT_TRUE(this->create(l).has_value());
  const auto read = this->read("3");
  ASSERT_TRUE(read.has_value());
  this->expect_same(*read, l);
}

TYPED_TEST_P(lease_store_contract, creating_twice_is_a_conflict_and_changes_nothing) {
  ASSERT_TRUE(this->create(this->sample("0")).has_value());
  auto other = this->sample("0");
  other.owner = "host-b";
  const auto second = this->create(other);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, errc::conflict);
  EXPECT_EQ(this->read("0")->owner, "host-a");
}

TYPED_TEST_P(lease_store_contract, replacing_answers_a_new_version) {
  auto l = *this->create(this->sample("0"));
  const auto first_version = l.version;
  l.continuation = "\"25\"";
  const auto replaced = this->replace(l);
  ASSERT_TRUE(replaced.has_value());
  EXPECT_NE(replaced->version, first_version);
  EXPECT_EQ(replaced->continuation, "\"25\"");
  EXPECT_EQ(this->read("0")->continuation, "\"25\"");
  EXPECT_TRUE(this->replace(*replaced).has_value())
      << "the answered version must be good for the next write";
}

TYPED_TEST_P(lease_store_contract, replacing_with_an_old_version_is_a_conflict) {
  const auto first = *this->create(this->sample("0"));
  auto mine = first;
  mine.owner = "host-b";
  ASSERT_TRUE(this->replace(mine).has_value());
  auto late = first;
  late.owner = "host-c";
  const auto lost = this->replace(late);
  ASSERT_FALSE(lost.has_value());
  EXPECT_EQ(lost.error().code, errc::conflict);
  EXPECT_EQ(this->read("0")->owner, "host-b");
}

TYPED_TEST_P(lease_store_contract, replacing_a_removed_lease_is_not_found) {
  const auto l = *this->create(this->sample("0"));
  ASSERT_TRUE(this->remove(l).has_value());
  const auto late = this->replace(l);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, errc::not_found);
}

TYPED_TEST_P(lease_store_contract, a_version_is_never_good_for_a_later_lease_of_the_range) {
  const auto first = *this->create(this->sample("0"));
  ASSERT_TRUE(this->remove(first).has_value());
  ASSERT_TRUE(this->create(this->sample("0")).has_value());
  const auto late = this->replace(first);
  ASSERT_FALSE(late.has_value());
  EXPECT_EQ(late.error().code, errc::conflict);
}

TYPED_TEST_P(lease_store_contract, reading_what_is_not_there_is_not_found) {
  const auto missing = this->read("404");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, errc::not_found);
}

TYPED_TEST_P(lease_store_contract, removing_succeeds_also_the_second_time) {
  const auto l = *this->create(this->sample("0"));
  const auto first = this->remove(l);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(*first);
  const auto second = this->remove(l);
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(*second);
  EXPECT_TRUE(this->list().empty());
}

TYPED_TEST_P(lease_store_contract, the_marker_survives_and_is_no_lease) {
  const wall_time at{milliseconds{1'767'225'600'250}};
  ASSERT_TRUE(this->mark(at).has_value());
  EXPECT_TRUE(this->list().empty());
  const auto state = this->reconnect();
  EXPECT_TRUE(state.initialised);
  ASSERT_TRUE(state.started_at.has_value());
  EXPECT_EQ(*state.started_at, at);
}

TYPED_TEST_P(lease_store_contract, the_first_marker_wins) {
  const wall_time at{std::chrono::seconds{1'767'225'600}};
  EXPECT_TRUE(*this->mark(at));
  const auto second = this->mark(at + std::chrono::hours{1});
  ASSERT_TRUE(second.has_value());
  EXPECT_FALSE(*second);
  EXPECT_EQ(this->reconnect().started_at, at);
}

TYPED_TEST_P(lease_store_contract, keys_and_what_else_we_know_of_a_lease_are_kept) {
  auto l = this->sample("0");
  l.keys = key_span{"", "1F"};
  l.away = true;
  ASSERT_TRUE(this->create(l).has_value());
  const auto read = this->read("0");
  ASSERT_TRUE(read.has_value());
  this->expect_same(*read, l);
  auto given_back = *read;
  given_back.owner.clear();
  given_back.boot.clear();
  given_back.away = false;
  ASSERT_TRUE(this->replace(given_back).has_value());
  this->expect_same(*this->read("0"), given_back);
}

TYPED_TEST_P(lease_store_contract, what_a_lease_starts_from_is_kept_until_it_has_a_position) {
  auto l = this->sample("0");
  l.continuation.clear();
  for (const auto start : {wall_time{}, l.timestamp}) {
    l.start = start;
    const auto stored = l.version.empty() ? this->create(l) : this->replace(l);
    ASSERT_TRUE(stored.has_value()) << to_string(stored.error());
    this->expect_same(*this->read("0"), l);
    l = *stored;
  }
  l.continuation = "\"25\"";
  l.start.reset();
  ASSERT_TRUE(this->replace(l).has_value());
  this->expect_same(*this->read("0"), l);
}

TYPED_TEST_P(lease_store_contract, a_lease_of_a_key_span_comes_back_whole) {
  const auto sent = this->span_sample({"1F", "3F"});
  auto created = this->create(sent);
  ASSERT_TRUE(created.has_value()) << to_string(created.error());
  this->expect_same(*created, sent);
  created->continuation = "\"25\"";
  const auto replaced = this->replace(*created);
  ASSERT_TRUE(replaced.has_value()) << to_string(replaced.error());
  this->expect_same(*this->read("1F-3F"), *created);
  const auto all = this->list();
  ASSERT_EQ(all.size(), 1U);
  this->expect_same(all.front(), *created);
}

TYPED_TEST_P(lease_store_contract, its_clock_says_when_a_lease_was_stored) {
  const auto before = this->look().now;
  EXPECT_NE(before, wall_time{});
  ASSERT_TRUE(this->create(this->sample("0")).has_value());
  const auto after = this->look();
  ASSERT_EQ(after.leases.size(), 1U);
  // Stores may keep whole seconds.
  EXPECT_GE(after.leases.front().stored_at, before - std::chrono::seconds{1});
  EXPECT_LE(after.leases.front().stored_at, after.now + std::chrono::seconds{1});
}

TYPED_TEST_P(lease_store_contract, a_lock_is_taken_and_given_back) {
  for (int i = 0; i < 2; ++i) {
    const auto wait = this->lock();
    ASSERT_TRUE(wait.has_value()) << to_string(wait.error());
    EXPECT_EQ(*wait, milliseconds{0});
    EXPECT_TRUE(this->list().empty()) << "a lock is no lease";
    const auto back = this->unlock();
    ASSERT_TRUE(back.has_value()) << to_string(back.error());
    EXPECT_TRUE(*back);
  }
}

REGISTER_TYPED_TEST_SUITE_P(
    lease_store_contract, a_new_store_is_empty_and_not_initialised, opening_twice_answers_the_same,
    a_created_lease_comes_back_whole, leases_survive_a_reconnect,
    nobody_and_no_position_are_kept_apart_from_text, awkward_text_comes_back_verbatim,
    creating_twice_is_a_conflict_and_changes_nothing, replacing_answers_a_new_version,
    replacing_with_an_old_version_is_a_conflict, replacing_a_removed_lease_is_not_found,
    a_version_is_never_good_for_a_later_lease_of_the_range, reading_what_is_not_there_is_not_found,
    removing_succeeds_also_the_second_time, the_marker_survives_and_is_no_lease,
    the_first_marker_wins, keys_and_what_else_we_know_of_a_lease_are_kept,
    what_a_lease_starts_from_is_kept_until_it_has_a_position,
    a_lease_of_a_key_span_comes_back_whole, its_clock_says_when_a_lease_was_stored,
    a_lock_is_taken_and_given_back);

} // namespace feedcast::test
