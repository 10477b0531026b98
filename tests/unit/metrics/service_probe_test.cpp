#include "exposition.hpp"
#include "metrics/service_probe.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

namespace feedcast::metrics {
namespace {

using ::testing::HasSubstr;

double value_of(const std::string& text, const std::string& series) {
  for (const auto& line : testing::lines_of(text))
    if (line.starts_with(series + ' '))
      return std::strtod(line.c_str() + series.size() + 1, nullptr);
  ADD_FAILURE() << "no series " << series;
  return -1;
}

struct service_probe_test : ::testing::Test {
  registry r;
  service_probe probe{r, {"0.1.0", "abcdef0", "cafe"}};
};

TEST_F(service_probe_test, tells_version_revision_and_configuration) {
  const auto text = r.serialize();
  EXPECT_THAT(text, HasSubstr(R"(feedcast_build_info{revision="abcdef0",version="0.1.0"} 1)"));
  EXPECT_THAT(text, HasSubstr(R"(feedcast_config_info{hash="cafe"} 1)"));
}

TEST_F(service_probe_test, counts_restarts_by_kind_and_reason) {
  probe.restarts(actor_kind::partition, restart_reason::exception).add();
  EXPECT_THAT(
      r.serialize(),
      HasSubstr(R"(feedcast_actor_restarts_total{actor="partition",reason="exception"} 1)"));
}

TEST_F(service_probe_test, reads_the_process_at_each_scrape) {
  const auto text = r.serialize();
  EXPECT_GT(value_of(text, "process_resident_memory_bytes"), 1e6);
  EXPECT_GE(value_of(text, "process_open_fds"), 3);
  EXPECT_GE(value_of(text, "process_threads"), 1);
  const auto now =
      std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch());
  EXPECT_NEAR(value_of(text, "process_start_time_seconds"), now.count(), 600);
}

TEST_F(service_probe_test, lets_cpu_time_rise_with_the_process_and_not_with_the_scrapes) {
  const auto first = value_of(r.serialize(), "process_cpu_seconds_total");
  for (int i = 0; i < 5; ++i)
    r.serialize();
  EXPECT_LT(value_of(r.serialize(), "process_cpu_seconds_total"), first + 1);
}

} // namespace
} // namespace feedcast::metrics
