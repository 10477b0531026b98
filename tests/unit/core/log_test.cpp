#include "core/log.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

namespace feedcast::log {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;

namespace {

/// What reaches stderr while `act` runs.
template <class Act>
std::string captured(Act act) {
  testing::internal::CaptureStderr();
  act();
  return testing::internal::GetCapturedStderr();
}

std::string written(format how, std::string_view message, std::initializer_list<field> fields) {
  configure(level::info, how);
  return captured([&] { write(level::info, message, fields); });
}

} // namespace

TEST(log, writes_logfmt) {
  EXPECT_THAT(
      written(format::logfmt, "feed started", {{"feed", "whisks"}, {"ranges", 4}}),
      MatchesRegex("ts=[0-9T:.-]+Z level=info msg=\"feed started\" feed=whisks ranges=4\n"));
}

TEST(log, writes_json) {
  EXPECT_THAT(
      written(format::json, "feed started", {{"feed", "whisks"}, {"ranges", 4}}),
      MatchesRegex(
          R"(\{"ts":"[0-9T:.-]+Z","level":"info","msg":"feed started","feed":"whisks","ranges":4\})"
          "\n"));
}

TEST(log, quotes_what_would_break_a_line) {
  EXPECT_THAT(written(format::logfmt, "x", {{"a", "b c"}, {"d", ""}, {"e", "f=g"}, {"h", "i\nj"}}),
              HasSubstr(R"(a="b c" d="" e="f=g" h="i\nj")"));
  EXPECT_THAT(written(format::json, "a\"b\\c\r\n\x01", {}),
              HasSubstr(R"("msg":"a\"b\\c\u000d\n\u0001"})"));
}

TEST(log, takes_every_kind_of_number) {
  EXPECT_THAT(
      written(format::json, "x", {{"a", -1}, {"b", 1.5}, {"c", std::uint64_t{7}}, {"d", true}}),
      HasSubstr(R"("a":-1,"b":1.500000,"c":7,"d":1})"));
}

TEST(log, never_writes_a_number_that_json_does_not_know) {
  const auto line = written(format::json, "x",
                            {{"a", std::numeric_limits<double>::quiet_NaN()},
                             {"b", std::numeric_limits<double>::infinity()}});

  EXPECT_THAT(line, HasSubstr(R"("a":"nan","b":"inf"})"));
}

TEST(log, holds_back_what_is_below_the_threshold) {
  configure(level::warn, format::logfmt);
  const auto text = captured([] {
    debug("one");
    info("two");
    warn("three");
    error("four");
  });

  EXPECT_THAT(text, testing::Not(HasSubstr("one")));
  EXPECT_THAT(text, testing::Not(HasSubstr("two")));
  EXPECT_THAT(text, HasSubstr("level=warn msg=\"three\""));
  EXPECT_THAT(text, HasSubstr("level=error msg=\"four\""));
  EXPECT_FALSE(enabled(level::info));
}

TEST(log, is_silent_when_it_is_off) {
  configure(level::off, format::logfmt);

  EXPECT_EQ(captured([] { error("x"); }), "");
}

TEST(log, reads_the_names_of_levels) {
  for (const auto& [name, expected] : {std::pair{"debug", level::debug},
                                       {"info", level::info},
                                       {"warn", level::warn},
                                       {"error", level::error},
                                       {"off", level::off},
                                       {"loud", level::info},
                                       {"", level::info}})
    EXPECT_EQ(parse_level(name), expected) << name;
}

TEST(log, writes_whole_lines_from_many_threads) {
  configure(level::info, format::logfmt);
  const auto text = captured([] {
    std::vector<std::jthread> writers;
    for (int i = 0; i < 4; ++i)
      writers.emplace_back([] {
        for (int k = 0; k < 200; ++k)
          info("x", {{"end", "here"}});
      });
  });

  std::size_t lines = 0;
  for (std::size_t at = 0; at < text.size(); ++lines) {
    const auto end = text.find('\n', at);
    ASSERT_NE(end, std::string::npos);
    ASSERT_TRUE(text.substr(at, end - at).starts_with("ts=")) << text.substr(at, end - at);
    ASSERT_TRUE(text.substr(at, end - at).ends_with("end=here")) << text.substr(at, end - at);
    at = end + 1;
  }
  EXPECT_EQ(lines, 800u);
}

TEST(limiter, lets_the_first_through_and_counts_the_rest) {
  limiter once{1h};

  const auto first = once.admit();
  EXPECT_TRUE(first);
  EXPECT_EQ(*first, 0u);
  for (int i = 0; i < 5; ++i)
    EXPECT_FALSE(once.admit());
}

TEST(limiter, tells_the_next_how_many_were_held_back) {
  limiter always{0ms};
  EXPECT_TRUE(always.admit());

  EXPECT_EQ(*always.admit(), 0u);

  limiter soon{1ms};
  EXPECT_TRUE(soon.admit());
  std::uint64_t held_back = 0;
  auto pass = soon.admit();
  for (; !pass; pass = soon.admit())
    ++held_back;
  EXPECT_EQ(*pass, held_back);
}

TEST(limiter, lets_one_through_however_many_ask_at_once) {
  limiter once{1h};
  std::atomic<int> admitted{0};
  {
    std::vector<std::jthread> callers;
    for (int i = 0; i < 4; ++i)
      callers.emplace_back([&] {
        for (int k = 0; k < 1000; ++k)
          admitted += once.admit() ? 1 : 0;
      });
  }

  EXPECT_EQ(admitted, 1);
}

} // namespace feedcast::log
