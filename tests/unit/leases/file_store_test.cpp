#include "leases/file_store.hpp"
#include "tests/contract/lease_store_contract.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>

namespace feedcast {

using test::await;
using test::temporary_folder;

namespace {

struct file_harness {
  temporary_folder folder;

  std::unique_ptr<lease_store> connect() {
    return std::make_unique<file_store>(folder.file("leases"), "eu1-whisks");
  }
};

result<lease_store_state> open(file_store& store) {
  return await<lease_store_state>([&](auto done) { store.open(std::move(done)); });
}

lease sample() {
  lease l;
  l.range_id = "0";
  l.owner = "host-a";
  l.continuation = "\"24\"";
  l.timestamp = wall_time{milliseconds{1'767'261'600'123}};
  return l;
}

} // namespace

namespace test {

INSTANTIATE_TYPED_TEST_SUITE_P(file, lease_store_contract, file_harness);

} // namespace test

TEST(file_store, a_second_instance_is_refused_until_the_first_is_gone) {
  const temporary_folder folder;
  auto first = std::make_unique<file_store>(folder.path(), "p");
  ASSERT_TRUE(open(*first).has_value());
  file_store second{folder.path(), "p"};
  const auto refused = open(second);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, errc::unavailable);
  first.reset();
  EXPECT_TRUE(open(second).has_value());
}

TEST(file_store, processors_of_one_folder_are_apart) {
  const temporary_folder folder;
  file_store a{folder.path(), "a"};
  file_store b{folder.path(), "b"};
  ASSERT_TRUE(open(a).has_value());
  ASSERT_TRUE(open(b).has_value());
  ASSERT_TRUE(await<lease>([&](auto done) { a.create(sample(), std::move(done)); }).has_value());
  const auto others = await<lease_listing>([&](auto done) { b.list(std::move(done)); });
  ASSERT_TRUE(others.has_value());
  EXPECT_TRUE(others->leases.empty());
}

TEST(file_store, a_processor_name_can_not_leave_the_folder) {
  const temporary_folder folder;
  file_store store{folder.file("in"), "../out"};
  ASSERT_TRUE(open(store).has_value());
  ASSERT_TRUE(
      await<lease>([&](auto done) { store.create(sample(), std::move(done)); }).has_value());
  EXPECT_TRUE(std::filesystem::exists(folder.file("in/%2E.%2Fout.json")));
}

TEST(file_store, a_damaged_file_is_refused_and_left_alone) {
  const temporary_folder folder;
  for (const auto* text : {"", "{\"format\":\"feedcast-lea", "not json"}) {
    folder.write("p.json", text);
    file_store store{folder.path(), "p"};
    const auto state = open(store);
    ASSERT_FALSE(state.has_value()) << text;
    EXPECT_EQ(state.error().code, errc::rejected);
    EXPECT_NE(state.error().detail.find("p.json"), std::string::npos);
    EXPECT_NE(state.error().detail.find("backup"), std::string::npos);
    const auto created = await<lease>([&](auto done) { store.create(sample(), std::move(done)); });
    EXPECT_FALSE(created.has_value()) << "a store that is not open must not write";
    EXPECT_EQ(std::filesystem::file_size(folder.file("p.json")), std::string_view{text}.size());
  }
}

TEST(file_store, calls_before_open_are_refused) {
  const temporary_folder folder;
  file_store store{folder.path(), "p"};
  const auto all = await<lease_listing>([&](auto done) { store.list(std::move(done)); });
  ASSERT_FALSE(all.has_value());
  EXPECT_EQ(all.error().code, errc::rejected);
  EXPECT_FALSE(await<lease>([&](auto done) { store.read("0", std::move(done)); }).has_value());
  EXPECT_FALSE(
      await<bool>([&](auto done) { store.remove(sample(), std::move(done)); }).has_value());
  EXPECT_FALSE(await<milliseconds>([&](auto done) { store.lock(std::move(done)); }).has_value());
  EXPECT_FALSE(await<bool>([&](auto done) { store.unlock(std::move(done)); }).has_value());
  EXPECT_FALSE(
      await<bool>([&](auto done) { store.mark_initialised({}, std::move(done)); }).has_value());
}

TEST(file_store, a_failed_write_changes_nothing) {
  const temporary_folder folder;
  file_store store{folder.path(), "p"};
  ASSERT_TRUE(open(store).has_value());
  auto l = await<lease>([&](auto done) { store.create(sample(), std::move(done)); });
  ASSERT_TRUE(l.has_value());
  // A folder in the place of the temporary file makes the next write fail for every user, root
  // included.
  std::filesystem::create_directory(folder.file("p.json.tmp"));
  l->owner = "host-b";
  EXPECT_FALSE(await<lease>([&](auto done) { store.replace(*l, std::move(done)); }).has_value());
  EXPECT_EQ(await<lease>([&](auto done) { store.read("0", std::move(done)); })->owner, "host-a");
  std::filesystem::remove(folder.file("p.json.tmp"));
  EXPECT_TRUE(await<lease>([&](auto done) { store.replace(*l, std::move(done)); }).has_value())
      << "the version must still be good";
}

TEST(file_store, an_answer_may_destroy_the_store) {
  const temporary_folder folder;
  auto store = std::make_unique<file_store>(folder.path(), "p");
  std::promise<void> destroyed;
  store->open([&](const result<lease_store_state>&) {
    store.reset();
    destroyed.set_value();
  });
  EXPECT_EQ(destroyed.get_future().wait_for(std::chrono::seconds{10}), std::future_status::ready);
}

TEST(file_store, gives_no_answer_after_destruction) {
  const temporary_folder folder;
  auto store = std::make_unique<file_store>(folder.path(), "p");
  std::promise<void> entered;
  std::promise<void> leave;
  auto until = leave.get_future().share();
  auto answers = std::make_shared<std::atomic<int>>(0);
  store->open([&entered, until, answers](const result<lease_store_state>&) {
    entered.set_value();
    until.wait();
    ++*answers;
  });
  store->list([answers](const result<lease_listing>&) { ++*answers; });
  entered.get_future().wait();
  auto closing = std::async(std::launch::async, [&] { store.reset(); });
  leave.set_value();
  closing.wait();
  EXPECT_GE(answers->load(), 1) << "the answer that was being given is waited for";
  EXPECT_EQ(answers.use_count(), 1) << "a callback is left that could still be called";
}

} // namespace feedcast
