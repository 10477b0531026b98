// A feed over the regions of its account: what makes it go elsewhere, and what it does on return.
#include "fake_network.hpp"
#include "feeds/cosmos/change_feed.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace feedcast::cosmos {

using namespace std::chrono_literals;
using test::reply;
using test::scripted;

namespace {

struct regional : testing::Test {
  struct region {
    std::string name;
    int port;
    bool readable = true;
    scripted page = reply(200, {{"etag", "\"0\""}}, R"({"Documents":[],"_count":0})");
  };

  regional() {
    network->answer = [this](const test::sent_request& s) -> scripted {
      if (s.request.target == "/")
        return document();
      for (auto& r : all)
        if (r.port == s.server.port)
          return r.readable ? r.page : reply(403, {{"x-ms-substatus", "1008"}}, "{}");
      return reply(500);
    };
  }

  scripted document() const {
    const auto location = [](const region& r) {
      return R"({"name":")" + r.name + R"(","databaseAccountEndpoint":"http://127.0.0.1:)"
             + std::to_string(r.port) + R"(/"})";
    };
    std::string readable;
    std::string writable;
    for (const auto& r : all) {
      if (!r.readable)
        continue;
      readable += (readable.empty() ? "" : ",") + location(r);
      if (several_writers || r.name == writer)
        writable += (writable.empty() ? "" : ",") + location(r);
    }
    return reply(200, {},
                 R"({"id":"a","enableMultipleWriteLocations":)"
                     + std::string{several_writers ? "true" : "false"} + R"(,"writableLocations":[)"
                     + writable + R"(],"readableLocations":[)" + readable + "]}");
  }

  void open(std::vector<std::string> wanted) {
    auto options = test::local_account();
    options.regions = std::move(wanted);
    account_ = *account::open(options, test::fake_network::factory(network), clock);
    feed = std::make_unique<change_feed>(account_, *collection_ref::make("ow", "whisks"));
  }

  region& at(const std::string& name) {
    return *std::find_if(all.begin(), all.end(), [&](const auto& r) { return r.name == name; });
  }

  void shows(const std::string& name, const std::string& etag, const std::string& session = {}) {
    auto& page = at(name).page;
    page = reply(200, {{"etag", etag}, {"content-type", "application/json"}},
                 R"({"Documents":[],"_count":0})");
    if (!session.empty())
      page.headers.set("x-ms-session-token", session);
  }

  result<feed_page_ptr> fetch(read_position from) {
    result<feed_page_ptr> out = make_error(errc::internal, "no answer");
    feed->fetch({"0", std::move(from), 100}, [&](result<feed_page_ptr> r) { out = std::move(r); });
    return out;
  }

  feed_page_ptr page(const read_position& from) {
    auto p = fetch(from);
    EXPECT_TRUE(p) << (p ? "" : to_string(p.error()));
    return p ? *p : std::make_shared<feed_page>();
  }

  /// The account's document is read again in time.
  void refresh() { clock.advance(6min); }

  /// The last request that was not for the account's document.
  test::sent_request last() const { return network->calls().back(); }

  std::vector<region> all{{"West US", 1}, {"West Europe", 2}, {"North Europe", 3}};
  std::string writer = "West US";
  bool several_writers = false;
  test::manual_clock clock;
  std::shared_ptr<test::fake_network> network = std::make_shared<test::fake_network>();
  std::shared_ptr<account> account_;
  std::unique_ptr<change_feed> feed;
};

const start_point beginning{start_point::kind::beginning, {}};

} // namespace

TEST_F(regional, pages_come_from_the_targets_own_region) {
  open({"westeurope", "North Europe"});
  shows("West Europe", "\"5\"");
  const auto p = page(beginning);
  EXPECT_EQ(p->region, "West Europe");
  EXPECT_FALSE(p->away);
  EXPECT_EQ(last().server.port, 2);
}

TEST_F(regional, transient_errors_never_lead_elsewhere) {
  open({"West Europe", "North Europe"});
  for (const auto& failure :
       {reply(503), reply(500), reply(408), reply(410, {{"x-ms-substatus", "1008"}}),
        reply(404, {{"x-ms-substatus", "1002"}}), reply(429),
        scripted{make_error(errc::unavailable, "reset")},
        scripted{make_error(errc::timeout, "slow")}}) {
    at("West Europe").page = failure;
    for (int i = 0; i < 3; ++i) {
      clock.advance(2s);
      EXPECT_FALSE(fetch(beginning));
      EXPECT_EQ(last().server.port, 2);
    }
  }
}

TEST_F(regional, a_declared_outage_leads_to_the_next_wanted_region_and_home_is_remembered) {
  open({"West Europe", "North Europe"});
  shows("West Europe", "\"5\"");
  const auto home = page(beginning);
  at("West Europe").readable = false;
  shows("North Europe", "\"9\"");
  clock.advance(2s);
  EXPECT_FALSE(fetch(home->next)) << "403/1008: the document is read again";
  const auto away = page(home->next);
  EXPECT_EQ(away->region, "North Europe");
  EXPECT_TRUE(away->away);
  EXPECT_EQ(last().request.headers.get("if-none-match"), "\"5\"");
  shows("North Europe", "\"12\"");
  const auto more = page(away->next);
  EXPECT_EQ(last().request.headers.get("if-none-match"), "\"9\"");
  EXPECT_EQ(more->rewound, rewind_reason::none);

  at("West Europe").readable = true;
  refresh();
  const auto still_away = page(more->next); // sets the reading off, and may not see it yet
  shows("West Europe", "\"8\"");
  const auto back = still_away->away ? page(still_away->next) : still_away;
  EXPECT_EQ(back->region, "West Europe");
  EXPECT_FALSE(back->away);
  EXPECT_EQ(back->rewound, rewind_reason::home_is_back);
  EXPECT_EQ(last().server.port, 2);
  EXPECT_EQ(last().request.headers.get("if-none-match"), "\"5\"");
}

TEST_F(regional, another_process_finds_the_way_home_in_the_position) {
  open({"West Europe", "North Europe"});
  shows("West Europe", "\"5\"");
  const auto home = page(beginning);
  at("West Europe").readable = false;
  open({"West Europe", "North Europe"});
  const auto away = page(home->next);
  EXPECT_TRUE(away->away);
  at("West Europe").readable = true;
  open({"West Europe", "North Europe"});
  EXPECT_EQ(page(away->next)->rewound, rewind_reason::home_is_back);
  EXPECT_EQ(last().request.headers.get("if-none-match"), "\"5\"");
}

TEST_F(regional, a_new_write_region_makes_it_read_again_in_time_and_forget_session_tokens) {
  open({"West Europe"});
  shows("West Europe", "\"500\"", "0:-1#500");
  const auto before = page(beginning);
  page(before->next);
  EXPECT_EQ(last().request.headers.get("x-ms-session-token"), "0:-1#500");
  writer = "North Europe";
  at("West US").readable = false;
  shows("West Europe", "\"420\"");
  refresh();
  page(before->next); // sets the reading off
  const auto after = page(before->next);
  EXPECT_EQ(after->rewound, rewind_reason::write_region_changed);
  EXPECT_FALSE(last().request.headers.has("if-none-match"));
  EXPECT_FALSE(last().request.headers.has("x-ms-session-token"));
  // The fixture's clock began at midnight: a quarter of an hour before, and the usual ten seconds.
  EXPECT_EQ(last().request.headers.get("if-modified-since"), "Wed, 31 Dec 2025 23:44:50 GMT");
  page(after->next);
  EXPECT_EQ(last().request.headers.get("if-none-match"), "\"420\"");
}

TEST_F(regional, several_write_regions_are_never_mixed) {
  several_writers = true;
  open({"West Europe", "North Europe"});
  shows("West Europe", "\"5\"");
  const auto home = page(beginning);
  EXPECT_EQ(home->next.token, "\"5\"") << "there is no one write region to go by";
  at("West Europe").readable = false;
  clock.advance(2s);
  EXPECT_FALSE(fetch(home->next));
  const auto stranded = fetch(home->next);
  ASSERT_FALSE(stranded);
  EXPECT_EQ(stranded.error().code, errc::unavailable);
  EXPECT_NE(stranded.error().detail.find("several write regions"), std::string::npos);
  at("West Europe").readable = true;
  refresh();
  static_cast<void>(fetch(home->next));
  EXPECT_EQ(page(home->next)->region, "West Europe");
}

TEST_F(regional, a_region_that_is_not_in_the_account_is_waited_for_elsewhere) {
  open({"Mars", "West Europe"});
  const auto p = page(beginning);
  EXPECT_EQ(p->region, "West Europe");
  EXPECT_TRUE(p->away);
}

TEST_F(regional, without_wanted_regions_nothing_is_away) {
  open({});
  const auto p = page(beginning);
  EXPECT_EQ(p->region, "West US");
  EXPECT_FALSE(p->away);
}

} // namespace feedcast::cosmos
