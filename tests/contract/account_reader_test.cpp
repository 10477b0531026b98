#include "feeds/cosmos/change_feed.hpp"
#include "tests/contract/await.hpp"
#include "tests/contract/change_source_contract.hpp"
#include "tests/contract/database_under_test.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace feedcast::test {

using namespace std::chrono_literals;

namespace {

/// What a reader saw of a feed, over all pages.
struct reading {
  std::multimap<std::string, int> documents; ///< id to its member `n`
  continuation end;
  bool unchanged = false;
};

/// A container of an account over the wire.
struct account_harness {
  static std::string missing() { return {}; }

  std::unique_ptr<change_source> reader() {
    return std::make_unique<cosmos::change_feed>(database.connect(), container);
  }

  void write(const std::string& id, int version) { database.upsert(container, id, version); }

  /// Softly, as OpenWhisk does: the only way that this feed tells.
  void remove(const std::string& id) { database.upsert(container, id, 0, true); }

  static int version_of(const boost::json::object& document) {
    return document.at("n").to_number<int>();
  }

  static std::vector<std::string> damaged_positions() { return {"no position", "{", "\"x\""}; }

  static std::vector<std::string> awkward_ids() {
    return {"guest|hello", "a b", "caf\xc3\xa9", "a+b%2F"};
  }

  database_under_test database;
  cosmos::collection_ref container = database.create_container("feed", 4);
};

/// What else an account promises: ranges that are split and merged, keys, times.
class account_reader : public testing::Test {
 protected:
  std::unique_ptr<change_source> reader() {
    return std::make_unique<cosmos::change_feed>(database_.connect(), container_);
  }

  std::vector<feed_range> ranges() {
    auto all = await<std::vector<feed_range>>([&](auto done) { reader_->ranges(std::move(done)); });
    EXPECT_TRUE(all.has_value()) << (all ? "" : to_string(all.error()));
    return all ? *all : std::vector<feed_range>{};
  }

  static result<feed_page_ptr> fetch(change_source& from, const std::string& range,
                                     read_position at, std::uint32_t max_items = 1000,
                                     const std::optional<key_span>& keys = std::nullopt) {
    return await<feed_page_ptr>([&](auto done) {
      from.fetch({range, std::move(at), max_items, keys}, std::move(done));
    });
  }

  /// Until nothing is new.
  static reading read(change_source& from, const std::string& range, read_position at,
                      std::uint32_t max_items = 1000,
                      const std::optional<key_span>& keys = std::nullopt) {
    reading seen;
    for (;;) {
      const auto page = fetch(from, range, at, max_items, keys);
      EXPECT_TRUE(page.has_value()) << (page ? "" : to_string(page.error()));
      if (!page)
        return seen;
      seen.end = (*page)->next;
      seen.unchanged = (*page)->unchanged;
      if (seen.unchanged)
        return seen;
      const auto body = boost::json::parse((*page)->body.view());
      for (const auto& d : body.at("Documents").as_array())
        seen.documents.emplace(d.at("id").as_string(), d.at("n").to_number<int>());
      at = seen.end;
    }
  }

  /// Of all ranges, from one start.
  std::multimap<std::string, int> read_all(read_position at, std::uint32_t max_items = 1000) {
    std::multimap<std::string, int> seen;
    for (const feed_range& r : ranges())
      seen.merge(read(*reader_, r.id, at, max_items).documents);
    return seen;
  }

  std::map<std::string, continuation> ends() {
    std::map<std::string, continuation> all;
    for (const feed_range& r : ranges())
      all[r.id] = read(*reader_, r.id, beginning).end;
    return all;
  }

  std::multimap<std::string, int> write(int first, int last, int n) {
    std::multimap<std::string, int> written;
    for (int i = first; i <= last; ++i) {
      const std::string id = "document-" + std::to_string(i);
      database_.upsert(container_, id, n);
      written.emplace(id, n);
    }
    return written;
  }

  static constexpr start_point beginning{start_point::kind::beginning};
  static constexpr start_point now{start_point::kind::now};

  database_under_test database_;
  cosmos::collection_ref container_ = database_.create_container("feed", 4);
  std::unique_ptr<change_source> reader_ = reader();
};

} // namespace

TEST_F(account_reader, there_are_as_many_ranges_as_asked_for) {
  if (!database_.holds("as many ranges as asked for"))
    GTEST_SKIP() << "needs the emulator's controls";
  EXPECT_EQ(ranges().size(), 4U);
}

TEST_F(account_reader, from_a_time_nothing_later_is_passed_over) {
  const wall_time before = std::chrono::system_clock::now();
  const auto later = write(1, 10, 1);

  EXPECT_EQ(read_all(start_point{start_point::kind::time, before}), later);
  // The reader starts 10 s early, for clocks differ and the service is exact to some seconds only.
  if (database_.holds("nothing comes from before the time of the start")) {
    EXPECT_TRUE(read_all(start_point{start_point::kind::time, before + 30s}).empty());
  }
}

TEST_F(account_reader, a_range_that_was_split_is_gone_and_its_position_good_for_its_children) {
  if (database_.emulated() == nullptr)
    GTEST_SKIP() << "needs the emulator's controls";
  write(1, 40, 1);
  const auto positions = ends();
  const auto owner = database_.emulated()->data().find_container(database_.name(), "feed");
  ASSERT_TRUE(owner.has_value() && (*owner)->split("0").has_value());
  const auto later = write(21, 60, 2);

  const auto parent = fetch(*reader_, "0", positions.at("0"));
  ASSERT_FALSE(parent.has_value());
  EXPECT_EQ(parent.error().code, errc::gone);
  std::multimap<std::string, int> seen;
  for (const feed_range& r : ranges()) {
    const auto& at = positions.contains(r.id) ? positions.at(r.id) : positions.at("0");
    seen.merge(read(*reader_, r.id, at).documents);
  }
  EXPECT_EQ(seen, later);
}

TEST_F(account_reader, keys_of_several_ranges_are_gone) {
  const auto all = ranges();
  if (all.size() < 2)
    GTEST_SKIP() << "needs two ranges";
  const auto page = fetch(*reader_, "", beginning, 1000, key_span{all[0].min_key, all[1].max_key});
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::gone);
}

TEST_F(account_reader, keys_are_read_alone_and_on_through_a_merge) {
  if (database_.emulated() == nullptr)
    GTEST_SKIP() << "needs the emulator's controls";
  write(1, 40, 1);
  const auto before = ranges();
  const auto positions = ends();
  const auto owner = database_.emulated()->data().find_container(database_.name(), "feed");
  ASSERT_TRUE(owner.has_value() && (*owner)->merge("0", "1").has_value());
  const auto later = write(21, 60, 2);

  std::multimap<std::string, int> seen;
  for (const feed_range& r : before) {
    // The first one in two pieces.
    const auto cut = r.id == "0" ? std::string{"08"} : r.min_key;
    for (const auto& keys : {key_span{r.min_key, cut}, key_span{cut, r.max_key}})
      if (keys.min != keys.max)
        seen.merge(read(*reader_, to_string(keys), positions.at(r.id), 5, keys).documents);
  }
  EXPECT_EQ(seen, later);
}

TEST_F(account_reader, a_wrong_key_is_told) {
  cosmos::change_feed stranger{database_.connect("bm90IHRoZSBrZXk="), container_};

  const auto page = fetch(stranger, "0", beginning);
  ASSERT_FALSE(page.has_value());
  EXPECT_EQ(page.error().code, errc::unauthorized) << to_string(page.error());
}

INSTANTIATE_TYPED_TEST_SUITE_P(account, change_source_contract, account_harness);

} // namespace feedcast::test
