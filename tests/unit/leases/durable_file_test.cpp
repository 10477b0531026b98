#include "leases/durable_file.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace feedcast {

using test::temporary_folder;

TEST(durable_file, reads_what_was_replaced) {
  const temporary_folder folder;
  const auto path = folder.file("a.json");
  ASSERT_TRUE(replace_file(path, "one").has_value());
  const std::string big(200'000, 'x');
  ASSERT_TRUE(replace_file(path, big).has_value());
  const auto text = read_file(path);
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, big);
  EXPECT_FALSE(std::filesystem::exists(path + ".tmp"));
}

TEST(durable_file, is_readable_for_its_owner_only) {
  const temporary_folder folder;
  ASSERT_TRUE(replace_file(folder.file("a"), "x").has_value());
  const auto rights = std::filesystem::status(folder.file("a")).permissions();
  EXPECT_EQ(rights & (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
            std::filesystem::perms::none);
}

TEST(durable_file, a_missing_file_is_no_error) {
  const temporary_folder folder;
  const auto text = read_file(folder.file("none"));
  ASSERT_TRUE(text.has_value());
  EXPECT_EQ(*text, std::nullopt);
}

TEST(durable_file, failures_name_the_path_and_the_reason) {
  const auto written = replace_file("/proc/feedcast/none", "x");
  ASSERT_FALSE(written.has_value());
  EXPECT_NE(written.error().detail.find("/proc/feedcast/none"), std::string::npos);
  const temporary_folder folder;
  const auto read = read_file(folder.path());
  ASSERT_FALSE(read.has_value());
  EXPECT_NE(read.error().detail.find("directory"), std::string::npos) << read.error().detail;
}

TEST(file_lock, is_held_once_and_released_with_its_holder) {
  const temporary_folder folder;
  const auto path = folder.file("a.lock");
  {
    auto first = file_lock::acquire(path);
    ASSERT_TRUE(first.has_value());
    const auto moved = std::move(*first);
    const auto second = file_lock::acquire(path);
    ASSERT_FALSE(second.has_value());
    EXPECT_EQ(second.error().code, errc::unavailable);
    EXPECT_NE(second.error().detail.find("another feedcast"), std::string::npos);
  }
  EXPECT_TRUE(file_lock::acquire(path).has_value());
}

} // namespace feedcast
