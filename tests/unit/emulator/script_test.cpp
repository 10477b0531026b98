#include "emulator/control_table.hpp"
#include "emulator/script.hpp"
#include "test_client.hpp"

#include <gtest/gtest.h>

namespace feedcast::emulator {
namespace {

using namespace std::chrono_literals;
using testing::test_client;

TEST(script, reads_times_and_requests) {
  const auto steps = read_script(R"(# a bad minute

0s      POST /_emulator/throughput {"units": 400}
1500ms  POST /_emulator/faults {"operation":"feed","error":"Timeout"}
1m	DELETE /_emulator/faults/1
)",
                                 "f");

  ASSERT_TRUE(steps.has_value()) << steps.error().detail;
  ASSERT_EQ(steps->size(), 3U);
  EXPECT_EQ(steps->at(0).at, 0ms);
  EXPECT_EQ(steps->at(0).body, R"({"units": 400})");
  EXPECT_EQ(steps->at(1).at, 1500ms);
  EXPECT_EQ(steps->at(1).line, 4U);
  EXPECT_EQ(steps->at(2).at, 1min);
  EXPECT_EQ(steps->at(2).method, "DELETE");
  EXPECT_EQ(steps->at(2).target, "/_emulator/faults/1");
}

TEST(script, every_bad_line_is_named_with_its_reason) {
  struct {
    const char* line;
    const char* reason;
  } const bad[] = {
      {"soon POST /_emulator/failover {}", "'soon' is no time"},
      {"1h GET /_emulator/stats", "'1h' is no time"},
      {"-1s GET /_emulator/stats", "no time"},
      {"1s", "a line is TIME METHOD PATH [BODY]"},
      {"1s POST", "a line is TIME METHOD PATH [BODY]"},
      {"1s GET /dbs", "there is no control request /dbs"},
      {"1s PUT /_emulator/faults", "/_emulator/faults does not take PUT"},
      {"1s POST /_emulator/faults {\"kind\":\"explode\"}", "'kind' must be"},
      {"1s POST /_emulator/faults {", "a fault rule is a JSON object"},
      {"1s POST /_emulator/throughput {\"unit\":1}", "there is no member 'unit'"},
      {"1s POST /_emulator/regions/A {\"delay_ms\":-1}", "'delay_ms' must be"},
      {"1s POST /_emulator/failover {}", "'to' must be"},
      {"1s POST /_emulator/account {\"consistency\":1}", "'consistency' must be"},
  };

  for (const auto& [line, reason] : bad) {
    const auto steps = read_script("\n" + std::string(line) + "\n", "drill.txt");
    ASSERT_FALSE(steps.has_value()) << line;
    EXPECT_TRUE(steps.error().detail.starts_with("drill.txt:2: error: ")) << steps.error().detail;
    EXPECT_NE(steps.error().detail.find(reason), std::string::npos) << steps.error().detail;
  }
}

TEST(script, all_bad_lines_are_told_at_once) {
  const auto steps = read_script("x GET /_emulator/stats\n2s GET /_emulator/stats\n"
                                 "1s GET /_emulator/stats",
                                 "s");

  ASSERT_FALSE(steps.has_value());
  EXPECT_NE(steps.error().detail.find("s:1: error: "), std::string::npos);
  EXPECT_NE(steps.error().detail.find("\ns:3: error: this is earlier"), std::string::npos);
}

TEST(script, its_steps_happen_and_a_refused_one_stops_none) {
  test_client account;
  account.make_container(2);
  auto steps = read_script("0ms POST /_emulator/regions/Nowhere {}\n"
                           "1ms POST /_emulator/dbs/db1/colls/c1/split/0\n"
                           "5ms POST /_emulator/faults {\"status\":503}\n",
                           "s");
  ASSERT_TRUE(steps.has_value());
  const service target(account.state);

  script_runner runner(std::move(*steps), [&](http::server_request r, http::responder done) {
    target(std::move(r), std::move(done));
  });

  EXPECT_EQ(runner.wait(), 1U);
  EXPECT_EQ(account.data.find_container("db1", "c1").value()->ranges().ranges.size(), 3U);
  EXPECT_EQ(account.faults.list().size(), 1U);
}

TEST(script, ends_at_once_with_the_emulator) {
  auto steps = read_script("10m GET /_emulator/stats", "s");
  ASSERT_TRUE(steps.has_value());
  const auto start = std::chrono::steady_clock::now();

  {
    const script_runner runner(std::move(*steps), [](http::server_request, http::responder) {});
  }

  EXPECT_LT(std::chrono::steady_clock::now() - start, 60s);
}

TEST(control_table, is_what_the_emulator_lists_and_serves) {
  test_client account;

  const auto routes = account.control("GET", "/_emulator").at("routes").as_array();

  EXPECT_EQ(routes.size(), control_routes().size());
  for (const auto& route : routes) {
    std::string path(route.at("path").as_string());
    while (path.find("{}") != std::string::npos)
      path.replace(path.find("{}"), 2, "1");
    const auto r = account.send_unsigned(std::string(route.at("method").as_string()), path);
    EXPECT_NE(r.status(), 405U) << path;
    EXPECT_EQ(r.body.find("there is nothing at this path"), std::string::npos) << path;
  }
}

} // namespace
} // namespace feedcast::emulator
