#include "change_feed_fixture.hpp"
#include "feeds/cosmos/throughput.hpp"

#include <gmock/gmock.h>

namespace feedcast::test {
namespace {

using ::testing::HasSubstr;

/// The service with one container of so many ranges, and what it says about offers.
class throughput_test : public ::testing::Test {
 protected:
  throughput_test() {
    network_->answer = [this](const sent_request& s) -> scripted {
      const auto& target = s.request.target;
      if (target == "/")
        return account_answer({{"West US", 8081}});
      if (target == "/dbs/ow")
        return reply(200, {}, R"({"id":"ow","_rid":"O7RwAA=="})");
      if (target == "/dbs/ow/colls/whisks")
        return reply(200, {}, R"({"id":"whisks","_rid":"O7RwAKylJbY="})");
      if (target == "/dbs/ow/colls/whisks/pkranges")
        return reply(200, {},
                     R"({"PartitionKeyRanges":[)"
                     R"({"id":"0","minInclusive":"","maxExclusive":"FF"},)"
                     R"({"id":"1","minInclusive":"","maxExclusive":"7F","parents":["0"]},)"
                     R"({"id":"2","minInclusive":"7F","maxExclusive":"FF","parents":["0"]}]})");
      if (target == "/offers")
        return offers_(s.request.body);
      return reply(404);
    };
  }

  result<feed_throughput> read() {
    result<feed_throughput> out = make_error(errc::internal, "no answer");
    feed_.throughput([&](result<feed_throughput> r) { out = std::move(r); });
    return out;
  }

  static scripted no_offer() { return reply(200, {}, R"({"_rid":"","Offers":[],"_count":0})"); }

  static scripted offer(const std::string& content) {
    return reply(200, {}, R"({"_rid":"","Offers":[{"content":)" + content + R"(}],"_count":1})");
  }

  std::function<scripted(const std::string& query)> offers_ = [](const std::string&) {
    return no_offer();
  };
  std::shared_ptr<fake_network> network_ = std::make_shared<fake_network>();
  manual_clock clock_;
  std::shared_ptr<cosmos::account> account_ =
      *cosmos::account::open(local_account(), fake_network::factory(network_), clock_);
  cosmos::change_feed feed_{account_, *cosmos::collection_ref::make("ow", "whisks")};
};

TEST_F(throughput_test, of_a_container_is_its_own_offer_for_the_ranges_that_exist_now) {
  offers_ = [](const std::string& query) {
    return query.find("O7RwAKylJbY=") != std::string::npos ? offer(R"({"offerThroughput":4000})")
                                                           : no_offer();
  };

  const auto r = read();

  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(*r, (feed_throughput{4000, 2, "the container's offer"}));
  EXPECT_EQ(network_->sent.back().request.method, "POST");
  EXPECT_EQ(network_->sent.back().request.headers.get("x-ms-documentdb-isquery"), "True");
  EXPECT_EQ(network_->sent.back().request.headers.get("content-type"), "application/query+json");
}

TEST_F(throughput_test, of_a_container_without_offer_is_its_databases) {
  offers_ = [](const std::string& query) {
    return query.find("\"O7RwAA==\"") != std::string::npos ? offer(R"({"offerThroughput":1000})")
                                                           : no_offer();
  };

  EXPECT_EQ(*read(), (feed_throughput{1000, 2, "the database's offer"}));
}

TEST_F(throughput_test, of_autoscale_is_the_most_it_scales_to) {
  offers_ = [](const std::string&) {
    return offer(R"({"offerThroughput":400,"offerAutopilotSettings":{"maxThroughput":4000}})");
  };

  EXPECT_EQ(read()->units, 4000);
}

TEST_F(throughput_test, of_a_serverless_account_is_what_its_ranges_may_serve) {
  EXPECT_EQ(*read(), (feed_throughput{10'000, 2, "serverless"}));

  offers_ = [](const std::string&) {
    return reply(400, {},
                 R"({"code":"BadRequest","message":)"
                 R"("Reading or replacing offers is not supported for serverless accounts."})");
  };
  EXPECT_EQ(*read(), (feed_throughput{10'000, 2, "serverless"}));
}

TEST_F(throughput_test, that_may_not_be_read_is_an_error_that_does_not_pass) {
  for (const unsigned status : {401U, 403U}) {
    offers_ = [status](const std::string&) { return reply(status); };

    const auto r = read();

    ASSERT_FALSE(r);
    EXPECT_FALSE(is_transient(r.error().code)) << status;
    EXPECT_THAT(r.error().detail, HasSubstr("/offers"));
  }
}

TEST_F(throughput_test, answers_that_are_no_offers_are_malformed) {
  for (const auto* body :
       {"", "[]", "{}", R"({"Offers":{}})", R"({"Offers":[1]})", R"({"Offers":[{}]})",
        R"({"Offers":[{"content":{}}]})", R"({"Offers":[{"content":{"offerThroughput":0}}]})",
        R"({"Offers":[{"content":{"offerThroughput":-400}}]})",
        R"({"Offers":[{"content":{"offerThroughput":"400"}}]})"}) {
    offers_ = [body](const std::string&) { return reply(200, {}, body); };

    const auto r = read();

    ASSERT_FALSE(r) << body;
    EXPECT_EQ(r.error().code, errc::malformed) << body;
  }
}

TEST_F(throughput_test, is_not_answered_after_the_feeds_end) {
  bool answered = false;
  network_->hold = true;
  {
    cosmos::change_feed other{account_, *cosmos::collection_ref::make("ow", "whisks")};
    other.throughput([&](auto) { answered = true; });
  }
  network_->hold = false;
  network_->release();

  EXPECT_FALSE(answered);
}

} // namespace
} // namespace feedcast::test
