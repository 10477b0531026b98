#pragma once

#include "fake_network.hpp"
#include "feeds/cosmos/change_feed.hpp"

#include <gtest/gtest.h>

namespace feedcast::test {

/// A change feed of dbs/ow/colls/whisks on one region, with scripted answers.
class change_feed_fixture : public testing::Test {
 protected:
  change_feed_fixture() {
    network_->answer = [this](const sent_request& s) -> scripted {
      const auto& target = s.request.target;
      if (target == "/")
        return account_answer({{"West US", 8081}});
      if (target == "/dbs/ow/colls/whisks")
        return collection_;
      if (target == "/dbs/ow/colls/whisks/pkranges")
        return ranges_answer_(s);
      return page_;
    };
    account_ = *cosmos::account::open(local_account(), fake_network::factory(network_), clock_);
    feed_ = std::make_unique<cosmos::change_feed>(account_,
                                                  *cosmos::collection_ref::make("ow", "whisks"));
  }

  result<feed_page_ptr> fetch(read_position from, std::string range = "0",
                              std::uint32_t max_items = 100) {
    result<feed_page_ptr> out = make_error(errc::internal, "no answer");
    feed_->fetch({std::move(range), std::move(from), max_items},
                 [&](result<feed_page_ptr> r) { out = std::move(r); });
    return out;
  }

  result<std::vector<feed_range>> ranges() {
    result<std::vector<feed_range>> out = make_error(errc::internal, "no answer");
    feed_->ranges([&](result<std::vector<feed_range>> r) { out = std::move(r); });
    return out;
  }

  const http::header_list& last_headers() const { return network_->sent.back().request.headers; }

  static scripted page(std::string etag, std::string_view body = R"({"Documents":[],"_count":0})") {
    return reply(200, {{"etag", std::move(etag)}, {"content-type", "application/json"}}, body);
  }

  static read_position after(std::string token) { return continuation{std::move(token)}; }

  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  manual_clock clock_;
  scripted collection_ = reply(200, {}, R"({"id":"whisks","_rid":"O7RwAKylJbY="})");
  fake_network::server_function ranges_answer_ = [](const sent_request&) -> scripted {
    return reply(200, {},
                 R"({"PartitionKeyRanges":[{"id":"0","minInclusive":"","maxExclusive":"FF"}]})");
  };
  scripted page_ = page("\"24\"");
  std::shared_ptr<cosmos::account> account_;
  std::unique_ptr<cosmos::change_feed> feed_;
};

} // namespace feedcast::test
