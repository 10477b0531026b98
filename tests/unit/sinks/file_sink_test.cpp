#include "sinks/file/file_sink.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <fstream>
#include <future>
#include <iterator>
#include <set>
#include <sys/resource.h>
#include <sys/stat.h>

namespace feedcast::file {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream in{path};
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// A sink and what it reported; waits for its bell.
class sink_at {
 public:
  explicit sink_at(std::string path) : sink_(std::move(path)) {
    sink_.on_ready([this] {
      const std::lock_guard lock{mutex_};
      ++rings_;
      rung_.notify_all();
    });
  }

  ~sink_at() { sink_.on_ready(nullptr); }

  std::size_t write(std::string_view line, std::uint64_t ticket) {
    const outgoing_message m{.value = line, .key = "key", .ticket = ticket};
    return sink_.produce({&m, 1});
  }

  /// The next report; a ticket of -1 if none came in time.
  delivery_report next() {
    std::vector<delivery_report> got;
    await([&] {
      sink_.poll(got);
      return !got.empty();
    });
    EXPECT_EQ(got.size(), 1U);
    return got.empty() ? delivery_report{UINT64_MAX, {}} : got.front();
  }

  bool await(const std::function<bool()>& reached) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    std::unique_lock lock{mutex_};
    for (;;) {
      const auto seen = rings_;
      lock.unlock();
      if (reached())
        return true;
      lock.lock();
      if (!rung_.wait_until(lock, end, [&] { return rings_ != seen; }))
        return false;
    }
  }

  bool await_up(bool up) {
    return await([&] { return sink_.state().up == up; });
  }

  file_sink& operator*() { return sink_; }

 private:
  std::mutex mutex_;
  std::condition_variable rung_;
  std::uint64_t rings_ = 0;
  file_sink sink_;
};

TEST(file_sink, appends_a_line_and_acknowledges_it) {
  const test::temporary_folder folder;
  folder.write("dead", "old\n");
  sink_at sink{folder.file("dead")};
  EXPECT_EQ(sink.write("one", 7), 1U);
  const auto r = sink.next();
  EXPECT_EQ(r.ticket, 7U);
  EXPECT_EQ(r.outcome, delivery_outcome::acknowledged);
  EXPECT_THAT(lines_of(folder.file("dead")), ElementsAre("old", "one"));
  EXPECT_TRUE((*sink).state().up);
}

TEST(file_sink, makes_a_file_for_its_owner_only) {
  const test::temporary_folder folder;
  sink_at sink{folder.file("dead")};
  ASSERT_TRUE(sink.await_up(true)) << "it looks before there is anything to write";
  const auto rights = std::filesystem::status(folder.file("dead")).permissions();
  EXPECT_EQ(static_cast<unsigned>(rights), 0600U);
}

TEST(file_sink, closes_a_line_that_a_crash_left_open) {
  const test::temporary_folder folder;
  folder.write("dead", "whole\nbro");
  sink_at sink{folder.file("dead")};
  sink.write("next", 1);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
  EXPECT_THAT(lines_of(folder.file("dead")), ElementsAre("whole", "bro", "next"));
}

TEST(file_sink, a_missing_folder_is_named_and_its_messages_come_back_until_it_is_there) {
  const test::temporary_folder folder;
  const auto path = folder.file("later") + "/dead";
  sink_at sink{path};
  sink.write("one", 1);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::retry);
  EXPECT_FALSE((*sink).state().up);
  EXPECT_THAT((*sink).state().reason, HasSubstr(path));
  EXPECT_GE((*sink).state().errors, 1U);
  std::filesystem::create_directory(folder.file("later"));
  ASSERT_TRUE(sink.await_up(true)) << "it goes on looking";
  sink.write("one", 2);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
  EXPECT_THAT(lines_of(path), ElementsAre("one"));
}

TEST(file_sink, what_is_no_plain_file_is_refused) {
  const test::temporary_folder folder;
  ASSERT_EQ(::mkfifo(folder.file("pipe").c_str(), 0600), 0);
  EXPECT_EQ(probe_file(folder.file("pipe")).error().code, errc::rejected);
  EXPECT_FALSE(probe_file(folder.path()).has_value());
  const auto denied = probe_file("/proc/feedcast-dead");
  ASSERT_FALSE(denied.has_value());
  EXPECT_THAT(denied.error().detail, HasSubstr("/proc/feedcast-dead"));
}

/// Lets no file of this process grow beyond a size, as a full disk does not.
class full_disk {
 public:
  explicit full_disk(std::uint64_t size) : signal_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    auto limited = before_;
    limited.rlim_cur = size;
    ::setrlimit(RLIMIT_FSIZE, &limited);
  }

  full_disk(const full_disk&) = delete;
  full_disk& operator=(const full_disk&) = delete;

  ~full_disk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, signal_);
  }

 private:
  rlimit before_{};
  void (*signal_)(int);
};

TEST(file_sink, a_full_disk_loses_nothing_and_leaves_whole_lines) {
  const test::temporary_folder folder;
  const auto path = folder.file("dead");
  sink_at sink{path};
  const std::string line(200, 'x');
  sink.write(line, 1);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
  {
    const full_disk limit{300};
    sink.write(line, 2);
    EXPECT_EQ(sink.next().outcome, delivery_outcome::retry) << "half of it was written";
    EXPECT_FALSE((*sink).state().up);
    EXPECT_THAT((*sink).state().reason, HasSubstr("can't write to " + path));
  }
  sink.write(line, 3);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
  EXPECT_THAT(lines_of(path), ElementsAre(line, ::testing::SizeIs(99), line));
}

TEST(file_sink, a_renamed_file_is_followed_by_a_new_one) {
  const test::temporary_folder folder;
  sink_at sink{folder.file("dead")};
  sink.write("one", 1);
  sink.next();
  std::filesystem::rename(folder.file("dead"), folder.file("dead.1"));
  sink.write("two", 2);
  EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
  EXPECT_THAT(lines_of(folder.file("dead.1")), ElementsAre("one"));
  EXPECT_THAT(lines_of(folder.file("dead")), ElementsAre("two"));
}

TEST(file_sink, accepts_only_so_many_and_reports_on_each_once) {
  const test::temporary_folder folder;
  sink_at sink{folder.file("dead")};
  std::vector<outgoing_message> many;
  for (std::uint64_t i = 0; i < 3 * file_sink::capacity; ++i)
    many.push_back({.value = "line", .key = {}, .ticket = i});
  std::multiset<std::uint64_t> reported;
  std::size_t accepted = 0;
  std::vector<delivery_report> got;
  ASSERT_TRUE(sink.await([&] {
    got.clear();
    (*sink).poll(got);
    const auto n = (*sink).produce(std::span{many}.subspan(accepted));
    EXPECT_LE(n, file_sink::capacity);
    accepted += n;
    for (const auto& r : got)
      reported.insert(r.ticket);
    return reported.size() == many.size();
  }));
  EXPECT_EQ(std::set<std::uint64_t>(reported.begin(), reported.end()).size(), many.size());
  EXPECT_EQ(lines_of(folder.file("dead")).size(), many.size());
}

TEST(file_sink, two_of_one_file_keep_their_lines_whole) {
  const test::temporary_folder folder;
  const auto path = folder.file("dead");
  const auto write_many = [&](char letter) {
    sink_at sink{path};
    for (std::uint64_t i = 0; i < 100; ++i) {
      sink.write(std::string(500, letter), i);
      EXPECT_EQ(sink.next().outcome, delivery_outcome::acknowledged);
    }
  };
  auto other = std::async(std::launch::async, write_many, 'b');
  write_many('a');
  other.get();
  auto lines = lines_of(path);
  std::erase(lines, "");
  EXPECT_EQ(lines.size(), 200U);
  for (const auto& line : lines)
    EXPECT_TRUE(line == std::string(500, 'a') || line == std::string(500, 'b')) << line;
}

TEST(file_sink, ends_although_its_messages_can_not_be_written) {
  sink_at sink{"/proc/feedcast/dead"};
  for (std::uint64_t i = 0; i < 10; ++i)
    sink.write("x", i);
}

} // namespace
} // namespace feedcast::file
