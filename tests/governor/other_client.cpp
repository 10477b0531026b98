#include "tests/governor/other_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::testing {

namespace {

constexpr int most_tries = 10;
constexpr const char* own_document = R"({"id":"other|one","entityType":"action"})";

} // namespace

void other_client::tick() {
  ++now_;
  const bool peak = now_ / 1000 % 10 < load_.peak_seconds;
  const auto events = [&](double a_second) {
    const auto mean = a_second / 1000 * (peak ? load_.peak : 1);
    return mean > 0 ? std::poisson_distribution<int>{mean}(random_) : 0;
  };
  while (!again_.empty() && again_.top().at <= now_) {
    const auto a = again_.top();
    again_.pop();
    send(a);
  }
  for (auto n = events(load_.writes); n > 0; --n)
    send({now_, true, 0});
  for (auto n = events(load_.reads); n > 0; --n)
    send({now_, false, 0});
}

void other_client::send(attempt a) {
  const std::string docs = "/dbs/openwhisk/colls/whisks/docs";
  const emulator::testing::field key{"x-ms-documentdb-partitionkey", R"(["other|one"])"};
  const auto r = a.write ? account_.send("POST", docs, {key, {"x-ms-documentdb-is-upsert", "True"}},
                                         own_document)
                         : account_.send("GET", docs + "/other%7Cone", {key});
  ++requests_;
  if (r.status() != 429) {
    EXPECT_LT(r.status(), 300U) << r.body;
    return;
  }
  ++refused_;
  if (++a.tries < most_tries) {
    a.at = now_ + std::stoll(r.header("x-ms-retry-after-ms"));
    again_.push(a);
  }
}

} // namespace feedcast::testing
