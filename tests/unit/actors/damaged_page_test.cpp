// A document that makes its page unreadable: how many requests it costs, and that its neighbours
// don't suffer.
#include "tests/support/actor_fixture.hpp"
#include "tests/support/bad_documents.hpp"

#include <gmock/gmock.h>

#include <map>

namespace feedcast::testing {
namespace {

using ::testing::HasSubstr;

constexpr std::size_t page_size = 100;

/// A page of which some documents are from the table of bad ones.
struct damaged_world : actor_world {
  explicit damaged_world(const std::map<std::size_t, bad_document>& bad) {
    keep_dead_letters();
    truth.one_range("0");
    options.partition.max_items = page_size;
    for (std::size_t i = 0; i < page_size; ++i)
      if (const auto at = bad.find(i); at != bad.end())
        truth.append_unowed(at->second.name, at->second.text);
      else
        truth.append("n" + std::to_string(i));
  }

  /// Requests until all is settled, beyond the two of a sound page (it, and the one behind it).
  std::size_t extra_requests() {
    start();
    EXPECT_TRUE(pass_until([&] { return truth.missing().empty() && settled(); }, 30s));
    EXPECT_GE(feed.fetches.size(), 2U);
    return feed.fetches.size() - 2;
  }

  bool settled() const {
    return probe.feed_items.value() >= page_size && change_outcomes() == probe.feed_items.value();
  }
};

std::vector<bad_document> page_breakers() {
  auto all = read_bad_documents(SOURCE_FOLDER);
  std::erase_if(all, [](const auto& d) { return !d.page; });
  return all;
}

TEST(damaged_page, costs_at_most_eight_requests_and_delivers_the_neighbours) {
  std::map<std::size_t, std::size_t> seen;
  for (const auto& d : page_breakers())
    for (const std::size_t place : {0U, 1U, 2U, 13U, 50U, 97U, 98U, 99U}) {
      SCOPED_TRACE(d.name + " at " + std::to_string(place));
      damaged_world w{{{place, d}}};
      const auto began = w.now();
      const auto extra = w.extra_requests();
      ++seen[extra];
      EXPECT_LE(extra, 8U);
      EXPECT_LE(w.now() - began, 5s) << "the neighbours wait";
      EXPECT_EQ(w.dead.produced.size(), d.unusable.size());
      EXPECT_EQ(w.kafka.produced.size(), page_size - 1 + d.keys.size());
      w.pass(2s);
      EXPECT_EQ(w.stored("0"), page_size);
      if (HasFailure())
        return;
    }
  ASSERT_FALSE(seen.empty());
  RecordProperty("most_requests", static_cast<int>(seen.rbegin()->first));
}

TEST(damaged_page, documents_that_break_only_themselves_cost_no_search) {
  for (const auto& d : read_bad_documents(SOURCE_FOLDER)) {
    if (d.page || d.text.size() > 10'000)
      continue;
    SCOPED_TRACE(d.name);
    damaged_world w{{{50, d}}};
    // A replaced byte is looked at twice, and what was read ahead is thrown away.
    page_decoder decoder{{}};
    const auto page = make_page(page_text({d.text}));
    const auto decoded = decoder.decode(page);
    ASSERT_TRUE(decoded.has_value());
    EXPECT_EQ(w.extra_requests(), (*decoded)->damaged ? 2U : 0U);
    EXPECT_EQ(w.dead.produced.size(), d.unusable.size());
    if (HasFailure())
      return;
  }
}

TEST(damaged_page, of_several_such_documents_each_is_found) {
  const auto bad = page_breakers();
  for (std::size_t i = 0; i + 2 < bad.size(); ++i) {
    SCOPED_TRACE(bad[i].name + ", " + bad[i + 1].name + ", " + bad[i + 2].name);
    damaged_world w{{{10, bad[i]}, {11, bad[i + 1]}, {80, bad[i + 2]}}};
    EXPECT_LE(w.extra_requests(), 3 * 14U);
    EXPECT_EQ(w.dead.produced.size(),
              bad[i].unusable.size() + bad[i + 1].unusable.size() + bad[i + 2].unusable.size());
    if (HasFailure())
      return;
  }
}

TEST(damaged_page, damage_that_is_never_the_same_is_not_believed) {
  actor_world w;
  w.keep_dead_letters();
  w.truth.one_range("0");
  w.truth.append_many("a", 10);
  std::size_t reading = 0;
  w.feed.damage = [&](std::string& text, const auto&) {
    text.resize(text.size() - 1 - reading++ % 7); // cut at another place each time
  };
  w.start();
  w.pass(120s);
  EXPECT_GT(reading, 10U);
  EXPECT_TRUE(w.kafka.produced.empty());
  EXPECT_TRUE(w.dead.produced.empty());
  w.feed.damage = nullptr;
  ASSERT_TRUE(w.settle());
  EXPECT_EQ(w.kafka.produced.size(), 10U);
}

TEST(damaged_page, its_dead_letter_lies_between_the_positions_of_the_document_alone) {
  const auto bad = page_breakers();
  const auto nothing =
      std::find_if(bad.begin(), bad.end(), [](const auto& d) { return !d.unusable.empty(); });
  ASSERT_NE(nothing, bad.end());
  damaged_world w{{{42, *nothing}}};
  w.extra_requests();
  ASSERT_EQ(w.dead.produced.size(), 1U);
  EXPECT_THAT(w.dead.produced[0].value, HasSubstr(R"("before":"at-42","behind":"at-43")"));
}

} // namespace
} // namespace feedcast::testing
