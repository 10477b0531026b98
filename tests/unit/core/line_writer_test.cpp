#include "core/line_writer.hpp"

#include <gmock/gmock.h>

#include <array>
#include <fcntl.h>
#include <string>
#include <unistd.h>

namespace feedcast::log {
namespace {

using ::testing::Each;

/// A pipe that holds a page, so that it is soon full.
class line_writer_test : public ::testing::Test {
 protected:
  line_writer_test() {
    std::array<int, 2> ends{};
    EXPECT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    read_end = ends[0];
    write_end = ends[1];
    EXPECT_GT(fcntl(write_end, F_SETPIPE_SZ, 4096), 0);
    EXPECT_EQ(fcntl(read_end, F_SETFL, O_NONBLOCK), 0);
  }

  ~line_writer_test() override {
    close(read_end);
    close(write_end);
  }

  [[nodiscard]] std::string drain() const {
    std::string out;
    std::array<char, 4096> block{};
    for (ssize_t n = 0; (n = read(read_end, block.data(), block.size())) > 0;)
      out.append(block.data(), static_cast<std::size_t>(n));
    return out;
  }

  int read_end = -1;
  int write_end = -1;
};

TEST_F(line_writer_test, gives_up_lines_that_nobody_reads_and_never_waits) {
  line_writer out{write_end};
  int taken = 0;
  while (out.put(std::string(99, 'x')))
    ++taken;
  EXPECT_GT(taken, 0);
  EXPECT_FALSE(out.put("another"));
  EXPECT_EQ(drain().size(), static_cast<std::size_t>(taken) * 100);
  EXPECT_TRUE(out.put("read again"));
  EXPECT_EQ(drain(), "read again\n");
}

TEST_F(line_writer_test, line_that_was_torn_does_not_spoil_the_next_one) {
  line_writer out{write_end};
  EXPECT_FALSE(out.put(std::string(10'000, 'x'))) << "the pipe holds a part of it";
  EXPECT_THAT(drain(), Each('x'));
  EXPECT_TRUE(out.put("next"));
  EXPECT_EQ(drain(), "\nnext\n");
  EXPECT_TRUE(out.put("last"));
  EXPECT_EQ(drain(), "last\n");
}

TEST_F(line_writer_test, pipe_without_a_reader_raises_no_signal) {
  close(read_end);
  line_writer out{write_end};
  EXPECT_FALSE(out.put("nobody is there"));
  read_end = -1;
}

TEST(line_writer, full_disk_costs_lines_only) {
  const int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  line_writer out{full};
  EXPECT_FALSE(out.put("no space left"));
  close(full);
}

} // namespace
} // namespace feedcast::log
