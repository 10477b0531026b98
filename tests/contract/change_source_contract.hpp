#pragma once

#include "pipeline/ports.hpp"
#include "tests/contract/await.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What every change_source promises, run against each kind of database.
/// A harness owns one empty feed and makes readers and documents for it:
///     struct harness {
///       static std::string missing();           // why it can't be had; empty if it can
///       std::unique_ptr<change_source> reader();
///       void write(const std::string& id, int version);
///       void remove(const std::string& id);     // as this database tells deletes
///       static int version_of(const boost::json::object& document); // of a page
///       static std::vector<std::string> damaged_positions();
///       static std::vector<std::string> awkward_ids(); // that this database takes
///     };
namespace feedcast::test {

/// Id and version of each change, in any order.
using written = std::multimap<std::string, int>;

/// What a reader saw of a range, over all pages.
struct seen_changes {
  written documents; ///< version -1: it was deleted
  continuation end;
  std::size_t pages = 0;
  bool ended = false; ///< a page said that nothing is behind it
};

template <class Harness>
class change_source_contract : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = Harness::missing(); !why.empty())
      GTEST_SKIP() << why;
    harness_.emplace();
    reader_ = harness_->reader();
  }

  static result<feed_page_ptr> fetch(change_source& from, const std::string& range,
                                     read_position at, std::uint32_t max_items = 1000) {
    return await<feed_page_ptr>(
        [&](auto done) {
          from.fetch({range, std::move(at), max_items}, std::move(done));
        },
        std::chrono::seconds{30});
  }

  static void add(const feed_page& page, seen_changes& to) {
    ++to.pages;
    to.end = page.next;
    to.ended = page.unchanged;
    if (page.unchanged)
      return;
    const auto body = boost::json::parse(page.body.view());
    const auto& documents = body.at("Documents").as_array();
    if (page.item_count) {
      EXPECT_EQ(*page.item_count, documents.size());
    }
    for (const auto& d : documents) {
      const auto& o = d.as_object();
      const auto* deleted = o.if_contains("_deleted");
      to.documents.emplace(o.at("id").as_string(),
                           deleted != nullptr && deleted->as_bool() ? -1 : Harness::version_of(o));
    }
  }

  /// Until nothing is new.
  static seen_changes read(change_source& from, const std::string& range, read_position at,
                           std::uint32_t max_items = 1000) {
    seen_changes seen;
    while (!seen.ended) {
      const auto page = fetch(from, range, at, max_items);
      EXPECT_TRUE(page.has_value()) << (page ? "" : to_string(page.error()));
      if (!page)
        return seen;
      add(**page, seen);
      at = seen.end;
    }
    return seen;
  }

  std::vector<feed_range> ranges() {
    auto all = await<std::vector<feed_range>>([&](auto done) { reader_->ranges(std::move(done)); });
    EXPECT_TRUE(all.has_value()) << (all ? "" : to_string(all.error()));
    return all ? *all : std::vector<feed_range>{};
  }

  /// Of all ranges, from one start.
  written read_all(const read_position& at, std::uint32_t max_items = 1000) {
    written all;
    for (const feed_range& r : ranges())
      all.merge(read(*reader_, r.id, at, max_items).documents);
    return all;
  }

  using places = std::map<std::string, continuation>;

  places ends() {
    places all;
    for (const feed_range& r : ranges())
      all[r.id] = read(*reader_, r.id, beginning).end;
    return all;
  }

  written read_on(change_source& from, const places& at, std::uint32_t max_items = 1000) {
    written all;
    for (const auto& [range, position] : at)
      all.merge(read(from, range, position, max_items).documents);
    return all;
  }

  written write(int first, int last, int version) {
    written all;
    for (int i = first; i <= last; ++i) {
      const auto id = "document-" + std::to_string(i);
      harness_->write(id, version);
      all.emplace(id, version);
    }
    return all;
  }

  static constexpr start_point beginning{start_point::kind::beginning};
  static constexpr start_point now{start_point::kind::now};

  std::optional<Harness> harness_;
  std::unique_ptr<change_source> reader_; ///< ends first
};

TYPED_TEST_SUITE_P(change_source_contract);

TYPED_TEST_P(change_source_contract, the_ranges_tile_the_keys) {
  const auto all = this->ranges();
  ASSERT_FALSE(all.empty());
  EXPECT_EQ(all.front().min_key, "");
  EXPECT_EQ(all.back().max_key, "FF");
  for (std::size_t i = 1; i < all.size(); ++i)
    EXPECT_EQ(all[i - 1].max_key, all[i].min_key);
}

TYPED_TEST_P(change_source_contract, an_empty_feed_is_unchanged_and_has_a_position) {
  for (const feed_range& r : this->ranges()) {
    const auto seen = this->read(*this->reader_, r.id, this->beginning);
    EXPECT_TRUE(seen.documents.empty());
    EXPECT_FALSE(seen.end.token.empty());
  }
}

TYPED_TEST_P(change_source_contract,
             from_the_beginning_every_document_comes_once_at_its_latest_version) {
  this->write(1, 20, 1);
  auto wanted = this->write(1, 10, 2);
  wanted.merge(this->write(21, 25, 1));
  for (int i = 11; i <= 20; ++i)
    wanted.emplace("document-" + std::to_string(i), 1);

  EXPECT_EQ(this->read_all(this->beginning), wanted);
  EXPECT_EQ(this->read_all(this->beginning, 2), wanted) << "in pages of few items, too";
  EXPECT_EQ(this->read_all(this->beginning, 1), wanted);
}

TYPED_TEST_P(change_source_contract, pages_of_few_items_are_several) {
  this->write(1, 40, 1);
  std::size_t pages = 0;
  std::size_t documents = 0;
  for (const feed_range& r : this->ranges()) {
    const auto seen = this->read(*this->reader_, r.id, this->beginning, 2);
    pages += seen.pages;
    documents += seen.documents.size();
  }
  EXPECT_EQ(documents, 40U);
  EXPECT_GE(pages, 10U);
}

TYPED_TEST_P(change_source_contract, from_now_only_what_comes_later) {
  this->write(1, 10, 1);
  typename TestFixture::places start;
  for (const feed_range& r : this->ranges()) {
    const auto seen = this->read(*this->reader_, r.id, this->now);
    EXPECT_TRUE(seen.documents.empty());
    start[r.id] = seen.end;
  }
  const auto later = this->write(5, 15, 2);
  EXPECT_EQ(this->read_on(*this->reader_, start), later);
}

TYPED_TEST_P(change_source_contract, a_position_is_good_for_another_reader) {
  this->write(1, 10, 1);
  const auto positions = this->ends();
  const auto later = this->write(6, 15, 2);
  const auto other = this->harness_->reader();
  EXPECT_EQ(this->read_on(*other, positions), later);
  EXPECT_EQ(this->read_on(*other, positions, 2), later);
}

TYPED_TEST_P(change_source_contract, an_old_position_given_again_gives_the_same_or_more) {
  const auto first = this->write(1, 10, 1);
  const auto positions = this->ends();
  auto later = this->write(11, 20, 1);
  EXPECT_EQ(this->read_on(*this->reader_, positions), later);
  EXPECT_EQ(this->read_on(*this->reader_, positions), later);
  later.merge(this->write(21, 25, 1));
  EXPECT_EQ(this->read_on(*this->reader_, positions), later);
}

TYPED_TEST_P(change_source_contract, a_page_in_the_middle_is_read_again_from_its_own_position) {
  this->write(1, 30, 1);
  for (const feed_range& r : this->ranges()) {
    const auto first = this->fetch(*this->reader_, r.id, this->beginning, 2);
    ASSERT_TRUE(first.has_value()) << to_string(first.error());
    const auto once = this->read(*this->reader_, r.id, (*first)->next, 2);
    const auto again = this->read(*this->reader_, r.id, (*first)->next, 3);
    EXPECT_EQ(once.documents, again.documents);
  }
}

TYPED_TEST_P(change_source_contract, a_silent_feed_keeps_its_place) {
  this->write(1, 10, 1);
  const auto positions = this->ends();
  typename TestFixture::places again;
  for (const auto& [id, at] : positions) {
    const auto silent = this->read(*this->reader_, id, at);
    EXPECT_TRUE(silent.documents.empty());
    EXPECT_EQ(silent.pages, 1U) << "the first page says that nothing is new";
    again[id] = silent.end;
  }
  const auto later = this->write(11, 20, 1);
  EXPECT_EQ(this->read_on(*this->reader_, again), later);
}

TYPED_TEST_P(change_source_contract, what_is_written_between_pages_comes) {
  const auto wanted = this->write(1, 20, 1);
  std::map<std::string, int> last;
  int more = 0;
  for (const feed_range& r : this->ranges()) {
    read_position at = this->beginning;
    seen_changes seen;
    while (!seen.ended) {
      const auto page = this->fetch(*this->reader_, r.id, at, 3);
      ASSERT_TRUE(page.has_value()) << to_string(page.error());
      this->add(**page, seen);
      at = seen.end;
      if (more < 5) {
        this->write(100 + more, 100 + more, 1);
        ++more;
      }
    }
    for (const auto& [id, version] : seen.documents)
      last[id] = version;
  }
  for (const auto& [id, version] : wanted)
    EXPECT_EQ(last[id], version) << id;
  EXPECT_EQ(more, 5);
}

TYPED_TEST_P(change_source_contract, a_delete_is_told_and_so_is_what_comes_back) {
  this->write(1, 6, 1);
  const auto positions = this->ends();
  this->harness_->remove("document-2");
  this->harness_->remove("document-3");
  EXPECT_EQ(this->read_on(*this->reader_, positions),
            (written{{"document-2", -1}, {"document-3", -1}}));
  this->harness_->write("document-3", 5);
  EXPECT_EQ(this->read_on(*this->reader_, positions),
            (written{{"document-2", -1}, {"document-3", 5}}));
}

TYPED_TEST_P(change_source_contract, ids_are_kept_as_they_are) {
  written wanted;
  for (const auto& id : TypeParam::awkward_ids()) {
    this->harness_->write(id, 7);
    wanted.emplace(id, 7);
  }
  EXPECT_EQ(this->read_all(this->beginning), wanted);
}

TYPED_TEST_P(change_source_contract, a_damaged_position_never_skips_anything) {
  const auto wanted = this->write(1, 10, 1);
  const auto range = this->ranges().front().id;
  const auto all = this->read(*this->reader_, range, this->beginning);
  for (const auto& token : TypeParam::damaged_positions()) {
    const auto page = this->fetch(*this->reader_, range, continuation{token});
    if (page) {
      auto seen = this->read(*this->reader_, range, (*page)->next).documents;
      seen_changes first;
      this->add(**page, first);
      seen.merge(first.documents);
      EXPECT_EQ(seen, all.documents) << token << ": taken, so all of it comes";
      EXPECT_NE((*page)->rewound, rewind_reason::none) << token << ": and that is said";
    }
    // Either way the reader is as good as before.
    EXPECT_EQ(this->read(*this->reader_, range, this->beginning).documents, all.documents);
    EXPECT_TRUE(this->read(*this->reader_, range, all.end).documents.empty());
  }
}

TYPED_TEST_P(change_source_contract, it_says_what_it_knows_of_deletes) {
  const auto traits =
      await<feed_traits>([&](auto done) { this->reader_->describe(std::move(done)); });
  ASSERT_TRUE(traits.has_value()) << to_string(traits.error());
  EXPECT_TRUE(traits->known);
}

TYPED_TEST_P(change_source_contract, nothing_is_answered_after_destruction) {
  this->write(1, 10, 1);
  const auto range = this->ranges().front().id;
  auto answers = std::make_shared<std::atomic<int>>(0);
  for (int i = 0; i < 20; ++i) {
    const auto other = this->harness_->reader();
    other->fetch({range, this->beginning, 3}, [answers](const auto&) { ++*answers; });
  }
  const auto then = answers->load();
  EXPECT_FALSE(this->read(*this->reader_, range, this->beginning).documents.empty());
  EXPECT_EQ(answers->load(), then);
}

REGISTER_TYPED_TEST_SUITE_P(
    change_source_contract, the_ranges_tile_the_keys, an_empty_feed_is_unchanged_and_has_a_position,
    from_the_beginning_every_document_comes_once_at_its_latest_version,
    pages_of_few_items_are_several, from_now_only_what_comes_later,
    a_position_is_good_for_another_reader, an_old_position_given_again_gives_the_same_or_more,
    a_page_in_the_middle_is_read_again_from_its_own_position, a_silent_feed_keeps_its_place,
    what_is_written_between_pages_comes, a_delete_is_told_and_so_is_what_comes_back,
    ids_are_kept_as_they_are, a_damaged_position_never_skips_anything,
    it_says_what_it_knows_of_deletes, nothing_is_answered_after_destruction);

} // namespace feedcast::test
