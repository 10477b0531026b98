// Feeds of identities: what a change takes away is known from before the start, and survives
// crashes.
#include "tests/support/actor_fixture.hpp"

#include <stdexcept>

namespace feedcast::testing {
namespace {

std::string subject(std::string_view id, const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names)
    list += (list.empty() ? R"({"key":"SECRET","name":")" : R"(,{"key":"SECRET","name":")") + name
            + R"("})";
  return R"({"id":")" + std::string{id} + R"(","namespaces":[)" + list + R"(],"_ts":1767225600})";
}

struct identity_world : actor_world {
  explicit identity_world(start_at from = start_at::now) : actor_world(from) {
    truth.one_range("0");
    options.partition.stages.content = feed_content::identities;
    restarts.max_restarts = 1000;
    options.restarts = restarts;
  }

  void write(const std::string& id, const std::vector<std::string>& names) {
    truth.append_unowed(id, subject(id, names));
  }

  /// How often the range was read from its beginning on.
  std::size_t warmings() const {
    return static_cast<std::size_t>(
        std::count_if(feed.fetches.begin(), feed.fetches.end(), from_beginning));
  }

  static bool from_beginning(const change_source::fetch_request& r) {
    const auto* start = std::get_if<start_point>(&r.from);
    return start != nullptr && start->from == start_point::kind::beginning;
  }

  bool stored_all() {
    return pass_until([this] { return stored("0") == truth.size(); }, 20s);
  }

  std::pair<std::size_t, std::size_t> sent(std::string_view one, std::string_view other) const {
    return {kafka.count(one), kafka.count(other)};
  }
};

using counts = std::pair<std::size_t, std::size_t>;

TEST(identities, a_namespace_that_was_named_before_the_start_is_invalidated_when_it_goes) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(2s);
  EXPECT_EQ(w.kafka.produced.size(), 0U) << "what is only remembered is not sent";
  EXPECT_EQ(w.probe.feed_items.value(), 0) << "nor owed an outcome";
  EXPECT_EQ(w.warmings(), 1U);
  w.write("carol", {"gamma"});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 1));
  EXPECT_EQ(w.change_outcomes(), w.probe.feed_items.value()) << "the conservation law";
  w.write("carol", {"delta"});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 2)) << "what is settled is forgotten";
}

TEST(identities, the_position_does_not_pass_a_name_that_went_before_it_is_sent) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(1s);
  w.kafka.hold = true;
  w.write("carol", {"gamma"});
  w.pass(2s);
  ASSERT_EQ(w.kafka.pending.size(), 2U) << "both are part of one batch";
  for (int left = 2; left > 0; --left) {
    EXPECT_EQ(w.stored("0"), 1U) << left;
    w.kafka.settle(0);
    w.pass(2s);
  }
  EXPECT_TRUE(w.stored_all());
}

TEST(identities, a_crash_of_the_reader_sends_what_went_again) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(1s);
  w.kafka.hold = true;
  w.write("carol", {"gamma"});
  w.pass(1s);
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 1));
  w.feed.refuse = [once = true](const auto&) mutable -> std::optional<error> {
    if (std::exchange(once, false))
      throw std::runtime_error("source");
    return std::nullopt;
  };
  w.pass(1s);
  w.kafka.uncork();
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.restarted(metrics::actor_kind::partition, metrics::restart_reason::exception), 1);
  EXPECT_EQ(w.sent("beta", "gamma"), counts(2, 2));
  EXPECT_EQ(w.warmings(), 1U) << "what is known outlives the reader";
}

TEST(identities, a_damaged_page_that_is_read_again_sends_what_went) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(1s);
  w.kafka.hold = true;
  w.write("dave", {"lab"});
  w.pass(1s);
  bool damaged = false;
  w.feed.damage = [&damaged](std::string& text, const auto&) {
    if (!std::exchange(damaged, true))
      text[text.find("SECRET")] = '\xff';
  };
  w.write("carol", {"gamma"});
  ASSERT_TRUE(w.pass_until([&] { return damaged; }));
  EXPECT_EQ(w.sent("beta", "gamma"), counts(0, 0)) << "it may have been damaged on the way";
  w.kafka.settle_all(); // nothing is in flight any more
  w.run();
  w.kafka.uncork();
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 1));
}

TEST(identities, what_went_while_its_region_was_away_is_sent_again_at_home) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(1s);
  w.feed.adorn = [](feed_page& page) { page.away = true; };
  w.write("carol", {"gamma"});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 1));
  w.feed.adorn = [once = true](feed_page& page) mutable {
    if (std::exchange(once, false))
      page.rewound = rewind_reason::home_is_back;
  };
  w.pass(2s);
  w.write("carol", {"gamma"}); // as the region shows it now
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(2, 2));
  w.write("carol", {"gamma"});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(2, 3)) << "what is settled at home is forgotten";
}

TEST(identities, a_crash_of_the_delivery_sends_what_went_again) {
  identity_world w;
  w.write("carol", {"beta"});
  w.start();
  w.pass(1s);
  w.kafka.before_produce = [once = true]() mutable {
    if (std::exchange(once, false))
      throw std::runtime_error("produce");
  };
  w.write("carol", {"gamma"});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.restarted(metrics::actor_kind::delivery, metrics::restart_reason::exception), 1);
  EXPECT_EQ(w.sent("beta", "gamma"), counts(1, 1));
  EXPECT_EQ(w.warmings(), 1U);
}

TEST(identities, the_next_process_knows_what_the_feed_shows) {
  identity_world w;
  w.write("carol", {"beta"});
  w.write("dave", {"lab"});
  w.start();
  w.pass(1s);
  w.kill();
  // While nothing runs carol loses her namespace: the feed shows her newest version alone.
  w.truth.at(0).document = subject("nobody", {});
  w.write("carol", {"gamma"});
  w.start();
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "gamma"), counts(0, 1)) << "the limit that docs/identities.md states";
  w.write("dave", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.kafka.count("lab"), 1U);
}

TEST(identities, a_first_look_that_fails_is_tried_again) {
  identity_world w;
  w.write("carol", {"beta"});
  w.feed.refuse = [left = 3](const auto& r) mutable -> std::optional<error> {
    if (identity_world::from_beginning(r) && left-- > 0)
      return make_error(errc::throttled, "busy");
    return std::nullopt;
  };
  w.start();
  w.pass(3s);
  EXPECT_EQ(w.warmings(), 4U);
  w.write("carol", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.kafka.count("beta"), 1U);
}

TEST(identities, a_first_look_that_never_succeeds_does_not_hold_delivery_up) {
  identity_world w;
  w.write("carol", {"beta"});
  w.feed.refuse = [](const auto& r) -> std::optional<error> {
    if (identity_world::from_beginning(r))
      return make_error(errc::unavailable, "no");
    return std::nullopt;
  };
  w.start();
  w.write("carol", {"gamma"});
  w.pass(70s, 100ms);
  EXPECT_EQ(w.sent("beta", "gamma"), counts(0, 1));
  EXPECT_EQ(w.stored("0"), w.truth.size());
  const auto tries = w.warmings();
  w.feed.refuse = [once = true](const auto&) mutable -> std::optional<error> {
    if (std::exchange(once, false))
      throw std::runtime_error("source");
    return std::nullopt;
  };
  w.pass(5s);
  EXPECT_EQ(w.warmings(), tries) << "it is not tried at each restart";
}

TEST(identities, a_first_look_is_bounded_in_pages) {
  identity_world w;
  w.options.partition.warming.pages = 3;
  w.feed.page_limit = 2;
  for (int i = 0; i < 20; ++i)
    w.write("s" + std::to_string(i), {"n" + std::to_string(i)});
  w.start();
  w.pass(1s);
  w.write("s5", {});
  w.write("s6", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("n5", "n6"), counts(1, 0));
}

TEST(identities, a_first_look_ends_where_nothing_lies_behind_although_the_feed_never_rests) {
  identity_world w;
  w.feed.page_limit = 1;
  w.write("carol", {"beta"});
  w.feed.adorn = [&w, left = 500](feed_page& page) mutable {
    page.behind = 0;
    if (left-- > 0) // one more with each page, so that none is empty
      w.write("s" + std::to_string(left), {"n" + std::to_string(left)});
  };
  w.start();
  EXPECT_TRUE(w.stored_all());
  EXPECT_LT(w.feed.fetches.size(), 600U) << "all was looked at before delivery began";
  EXPECT_GE(w.kafka.produced.size(), 490U);
}

TEST(identities, a_document_that_can_not_be_read_hides_no_other_from_the_first_look) {
  identity_world w;
  for (int i = 0; i < 9; ++i)
    w.write("s" + std::to_string(i), {"n" + std::to_string(i)});
  w.feed.damage = [](std::string& text, const std::vector<std::size_t>& shown) {
    if (std::find(shown.begin(), shown.end(), 4U) != shown.end())
      text.front() = '?';
  };
  w.start();
  w.pass(20s);
  for (int i = 0; i < 9; ++i)
    w.write("s" + std::to_string(i), {});
  EXPECT_TRUE(w.stored_all());
  for (int i = 0; i < 9; ++i)
    EXPECT_EQ(w.kafka.count("n" + std::to_string(i)), i == 4 ? 0U : 1U) << i;
}

TEST(identities, damage_on_the_way_hides_nothing_from_the_first_look) {
  identity_world w;
  w.write("carol", {"beta", "lab"});
  w.feed.damage = [left = 2](std::string& text, const auto&) mutable {
    if (left-- > 0)
      text[text.find(left > 0 ? "beta" : "lab")] = '\xff';
  };
  w.start();
  w.pass(3s);
  w.write("carol", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("beta", "lab"), counts(1, 1));
}

TEST(identities, a_range_that_is_read_from_its_beginning_needs_no_first_look) {
  identity_world w{start_at::beginning};
  w.write("carol", {"beta"});
  w.start();
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.kafka.produced.size(), 1U);
  w.write("carol", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.kafka.count("beta"), 2U);
}

TEST(identities, a_first_look_ends_with_a_drain) {
  identity_world w;
  w.write("carol", {"beta"});
  w.feed.hold = true;
  w.start();
  ASSERT_TRUE(w.pass_until([&] {
    if (w.warmings() == 0 && w.feed.held() > 0)
      w.feed.answer();
    w.run();
    return w.warmings() == 1;
  }));
  w.drain();
  EXPECT_TRUE(w.pass_until([&] { return w.ended.has_value(); }, 5s));
  EXPECT_EQ(w.kafka.produced.size(), 0U);
}

TEST(identities, what_is_remembered_is_bounded_shown_and_counted) {
  identity_world w;
  w.options.partition.identity_memory = 5'000;
  for (int i = 0; i < 100; ++i)
    w.write("s" + std::to_string(i), {"n" + std::to_string(i)});
  w.start();
  w.pass(3s);
  EXPECT_GT(w.probe.identity_bytes.value(), 1'000);
  EXPECT_LE(w.probe.identity_bytes.value(), 5'000);
  EXPECT_GT(w.probe.identities_forgotten.value(), 50);
  w.write("s0", {});
  w.write("s99", {});
  EXPECT_TRUE(w.stored_all());
  EXPECT_EQ(w.sent("n0", "n99"), counts(0, 1));
}

} // namespace
} // namespace feedcast::testing
