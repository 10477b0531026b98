#include "exposition.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

namespace feedcast::metrics {
namespace {

struct command_result {
  int status = -1;
  std::string output;
};

/// Runs a shell command with `input` on its stdin.
command_result run(const std::string& command, const std::string& input) {
  const auto file = std::filesystem::path{::testing::TempDir()}
                    / ("feedcast-metrics-" + std::to_string(getpid()) + ".txt");
  std::ofstream{file} << input;
  command_result result;
  // NOLINTNEXTLINE(cert-env33-c): the command is a literal of this test
  auto* pipe = popen((command + " <'" + file.string() + "' 2>&1").c_str(), "r");
  if (pipe != nullptr) {
    for (int c = 0; (c = std::fgetc(pipe)) != EOF;)
      result.output.push_back(static_cast<char>(c));
    result.status = pclose(pipe);
  }
  std::filesystem::remove(file);
  return result;
}

TEST(promtool, has_nothing_to_complain_about) {
  if (run("command -v promtool", "").status != 0)
    GTEST_SKIP() << "promtool is not installed (Debian package prometheus): exposition not linted";
  testing::populated_registry r{2, 2};
  const auto text = r.all.serialize();
  const auto lint = run("promtool check metrics", text);
  EXPECT_EQ(lint.status, 0) << lint.output;
  EXPECT_EQ(lint.output, "") << lint.output;
}

TEST(promtool, would_see_a_broken_exposition) {
  if (run("command -v promtool", "").status != 0)
    GTEST_SKIP() << "promtool is not installed (Debian package prometheus): exposition not linted";
  EXPECT_NE(run("promtool check metrics", "# TYPE a_seconds counter\na_seconds 1\n").status, 0);
}

} // namespace
} // namespace feedcast::metrics
