#include "fixture.hpp"
#include "settings/profile.hpp"

#include <gmock/gmock.h>

namespace feedcast::settings {

using namespace std::chrono_literals;

namespace {

std::string origin_of(const load_outcome& outcome, const key_path& path) {
  const auto* found = outcome.effective.find(path);
  if (found == nullptr)
    return "none";
  auto text = to_string(found->at);
  const auto slash = text.rfind('/');
  return slash == std::string::npos ? text : text.substr(slash + 1);
}

} // namespace

TEST(layers, each_wins_over_the_one_before) {
  const key_path where{"tuning", "poll", "max"};
  load_request request;
  const auto by_profile = load_over_base({}, request);
  const auto by_file = load_over_base("tuning: {poll: {max: 2s}}", request);
  request.environment["FEEDCAST_TUNING__POLL__MAX"] = "3s";
  const auto by_variable = load_over_base("tuning: {poll: {max: 2s}}", request);
  request.sets = {"tuning.poll.max=4s"};
  const auto by_set = load_over_base("tuning: {poll: {max: 2s}}", request);

  EXPECT_EQ(by_profile.config->tuning.poll.max, 1s);
  EXPECT_EQ(by_file.config->tuning.poll.max, 2s);
  EXPECT_EQ(by_variable.config->tuning.poll.max, 3s);
  EXPECT_EQ(by_set.config->tuning.poll.max, 4s);
  EXPECT_EQ(origin_of(by_profile, where), "profile balanced");
  EXPECT_EQ(origin_of(by_file, where), "case.yaml:1:22");
  EXPECT_EQ(origin_of(by_variable, where), "environment FEEDCAST_TUNING__POLL__MAX");
  EXPECT_EQ(origin_of(by_set, where), "--set");
}

TEST(layers, later_files_win_and_leave_the_rest) {
  const auto outcome = load_over_base("targets: {eu: {kafka: {topic: other}}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const auto& target = outcome.config->targets.at("eu");
  EXPECT_EQ(target.kafka.topic, "other");
  EXPECT_EQ(target.kafka.brokers, "kafka.eu:9092");
  EXPECT_EQ(target.cluster_id, "eu1");
}

TEST(layers, a_list_replaces_a_list) {
  const auto outcome =
      load_over_base("feeds: {subjects: {account: main}}\ntargets: {eu: {feeds: [subjects]}}");

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_THAT(outcome.config->targets.at("eu").feeds, testing::ElementsAre("subjects"));
}

TEST(layers, a_secret_replaces_a_secret_as_a_whole) {
  const temporary_folder folder;
  load_request request;
  request.sets = {"accounts.main.key.from_file=" + folder.write("key", "b3RoZXI=\n").string()};

  const auto outcome = load_over_base({}, request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->accounts.at("main").key.reveal(), "b3RoZXI=");
}

TEST(layers, the_last_set_wins) {
  load_request request;
  request.sets = {"instance=a", "instance=b"};

  EXPECT_EQ(load_over_base({}, request).config->instance, "b");
}

TEST(layers, a_variable_that_is_overridden_need_not_be_set) {
  load_request request;
  request.sets = {"instance=given"};

  const auto outcome = load_over_base("instance: ${NO_SUCH_VARIABLE}", request);

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  EXPECT_EQ(outcome.config->instance, "given");
}

TEST(profiles, balanced_is_what_is_built_in) {
  const auto outcome = load_over_base({});

  ASSERT_TRUE(outcome.ok()) << messages(outcome);
  const tuning_config built_in;
  const auto& balanced = outcome.config->tuning;
  EXPECT_EQ(balanced.poll.min, built_in.poll.min);
  EXPECT_EQ(balanced.poll.max, built_in.poll.max);
  EXPECT_EQ(balanced.poll.timeout, built_in.poll.timeout);
  EXPECT_EQ(balanced.page.max_items, built_in.page.max_items);
  EXPECT_EQ(balanced.page.max_bytes, built_in.page.max_bytes);
  EXPECT_EQ(balanced.request_units.share, built_in.request_units.share);
  EXPECT_EQ(balanced.window.bytes, built_in.window.bytes);
  EXPECT_EQ(balanced.window.keys, built_in.window.keys);
  EXPECT_EQ(balanced.window.batches, built_in.window.batches);
  EXPECT_EQ(balanced.checkpoint.interval, built_in.checkpoint.interval);
  EXPECT_EQ(balanced.threads.io, built_in.threads.io);
  EXPECT_EQ(balanced.threads.actors, built_in.threads.actors);
  EXPECT_EQ(balanced.produce.linger, built_in.produce.linger);
  EXPECT_EQ(balanced.produce.message_timeout, built_in.produce.message_timeout);
}

TEST(profiles, all_load_and_are_the_files_of_the_repository) {
  EXPECT_EQ(built_in_profiles().size(), 5u);
  for (const auto& profile : built_in_profiles()) {
    SCOPED_TRACE(profile.name);
    const auto file = std::string{profile.name} + ".yaml";
    load_request request;
    request.profile = profile.name;

    const auto outcome = load_over_base({}, request);

    EXPECT_TRUE(outcome.ok()) << messages(outcome);
    EXPECT_EQ(messages(outcome), "");
    EXPECT_EQ(read_text(source_folder() / "configs/profiles" / file), profile.yaml);
  }
}

TEST(profiles, differ_in_what_they_are_named_after) {
  const auto tuning = [](const char* name) {
    load_request request;
    request.profile = name;
    return load_over_base({}, request).config->tuning;
  };

  EXPECT_LT(tuning("low-latency").poll.max, tuning("balanced").poll.max);
  EXPECT_GT(tuning("low-cost").poll.max, tuning("balanced").poll.max);
  EXPECT_LT(tuning("low-cost").request_units.share, tuning("balanced").request_units.share);
  EXPECT_GT(tuning("high-throughput").request_units.share, tuning("balanced").request_units.share);
  EXPECT_GT(tuning("high-throughput").window.bytes, tuning("balanced").window.bytes);
  EXPECT_LT(tuning("dev").window.bytes, tuning("balanced").window.bytes);
}

} // namespace feedcast::settings
