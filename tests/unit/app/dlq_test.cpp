#include "app/dlq/records.hpp"
#include "app/dlq/sender.hpp"
#include "pipeline/dead_letter.hpp"
#include "tests/support/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace feedcast::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string record_of(const dead_letter& d, const std::string& target = "eu") {
  std::string out;
  append_dead_letter(out, {.target = target, .fingerprint = nullptr},
                     {"whisks", "0", continuation{"\"7\""}, {}}, continuation{"\"9\""}, {}, d);
  return out;
}

std::optional<found_dead_letter> found(std::string_view line) {
  auto record = parse_dead_letter(line);
  if (!record)
    return std::nullopt;
  return found_dead_letter{"eu", "file x:1", std::move(*record)};
}

/// Reports as it is told, call by call.
struct scripted_sink final : message_sink {
  std::deque<delivery_outcome>* script;
  std::vector<std::string>* produced;
  bool* alive;
  std::vector<delivery_report> reports;
  std::vector<outgoing_message> held{};

  scripted_sink(std::deque<delivery_outcome>& s, std::vector<std::string>& p, bool& a)
      : script(&s), produced(&p), alive(&a) {
    a = true;
  }

  ~scripted_sink() override {
    for (const auto& m : held)
      EXPECT_TRUE(m.value.starts_with("{\"instanceId\"")) << "its bytes went before the sink";
    *alive = false;
  }

  void on_ready(std::function<void()>) override {}

  std::size_t produce(std::span<const outgoing_message> messages) override {
    for (const auto& m : messages) {
      produced->emplace_back(std::string{m.key} + " " + std::to_string(m.lsn) + " "
                             + std::string{m.value});
      if (script->empty()) {
        held.push_back(m);
        continue;
      }
      reports.push_back({m.ticket, script->front()});
      script->pop_front();
    }
    return messages.size();
  }

  void poll(std::vector<delivery_report>& out) override {
    out.insert(out.end(), reports.begin(), reports.end());
    reports.clear();
  }

  condition state() const override { return {}; }
};

struct dlq_sending : ::testing::Test {
  std::deque<delivery_outcome> script;
  std::vector<std::string> produced;
  bool alive = false;

  sent_invalidations send(const std::vector<resend>& keys, milliseconds deadline) {
    return send_invalidations(std::make_unique<scripted_sink>(script, produced, alive), keys,
                              deadline);
  }
};

} // namespace

TEST(dlq_records, round_trip_whatever_the_id_holds) {
  for (const std::string id : {"guest|hello", "a\"b\\c", "line\nfeed\ttab",
                               "\u00fc\u20ac\U0001F600", "a\u2028b\u202ec", "\x7f"}) {
    const auto d = found(record_of({.reason = "refused", .error = "e", .id = id, .lsn = 3}));
    ASSERT_TRUE(d) << id;
    auto key = id;
    std::replace(key.begin(), key.end(), '|', '/');
    EXPECT_EQ(d->key(), key);
    EXPECT_EQ(d->number("lsn"), 3U);
    EXPECT_EQ(d->text("before"), "\"7\"");
    EXPECT_EQ(d->text("behind"), "\"9\"");
  }
}

TEST(dlq_records, an_id_known_only_in_part_is_no_key) {
  const auto d =
      found(record_of({.reason = "too_long", .error = "e", .id = std::string(1024, 'x')}));
  ASSERT_TRUE(d);
  EXPECT_EQ(d->text("id"), std::string(1023, 'x'));
  EXPECT_EQ(d->key(), "");
  std::string wide;
  while (wide.size() < 1100)
    wide += "\u20ac";
  const auto cut = found(record_of({.reason = "too_long", .error = "e", .id = wide}));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->text("id").size(), 1023U) << "at a character's end";
}

TEST(dlq_records, other_lines_are_none) {
  for (const auto* line : {"", "{", "[]", "null", "7", "{}", R"({"v":2})", R"({"v":"1"})", "x",
                           R"({"instanceId":"cache-invalidator","key":{"mainId":"a"}})",
                           "{\"v\":1,\"reason\":\"no_id\""})
    EXPECT_FALSE(parse_dead_letter(line)) << line;
  EXPECT_TRUE(parse_dead_letter(record_of({.reason = "no_id", .error = "e"})));
}

TEST(dlq_records, of_a_file_are_the_targets_own_and_broken_lines_are_counted) {
  const test::temporary_folder folder;
  settings::service_config config;
  config.targets["eu"].dead_letter = {.topic = "", .file = folder.file("dead")};
  std::vector<std::string> places;
  const auto read = [&] {
    places.clear();
    return read_dead_letters(config, "eu", [&](const auto& d) { places.push_back(d.where); });
  };
  ASSERT_TRUE(read().has_value()) << "a file that is not there yet is empty";
  EXPECT_THAT(places, IsEmpty());
  const auto line = record_of({.reason = "no_id", .error = "e"});
  folder.write("dead", line + "\n" + line.substr(0, 50) + "\n"
                           + record_of({.reason = "no_id", .error = "e"}, "us") + "\n\n" + line);
  const auto reading = read();
  ASSERT_TRUE(reading.has_value());
  EXPECT_EQ(reading->unreadable, 1U);
  EXPECT_THAT(places, ElementsAre("file " + folder.file("dead") + ":1",
                                  "file " + folder.file("dead") + ":5"));
}

TEST_F(dlq_sending, waits_for_each_acknowledgement_and_sends_again_what_came_back) {
  using enum delivery_outcome;
  script = {acknowledged, retry, undeliverable, retry, acknowledged};
  const auto sent = send({{"a/1", 4}, {"b|2", 0}, {"c", 0}}, milliseconds{20'000});
  EXPECT_THAT(sent.acknowledged, ElementsAre(0, 1));
  EXPECT_THAT(sent.refused, ElementsAre(2));
  EXPECT_THAT(sent.open, IsEmpty());
  EXPECT_EQ(produced.size(), 5U);
  EXPECT_EQ(produced[0], R"(a/1 4 {"instanceId":"cache-invalidator","key":{"mainId":"a/1"}})");
  EXPECT_EQ(produced[1], R"(b/2 0 {"instanceId":"cache-invalidator","key":{"mainId":"b/2"}})");
  EXPECT_FALSE(alive);
}

TEST_F(dlq_sending, names_what_was_not_acknowledged_in_time) {
  script = {delivery_outcome::acknowledged};
  const auto sent = send({{"a", 0}, {"b", 0}}, milliseconds{100});
  EXPECT_THAT(sent.acknowledged, ElementsAre(0));
  EXPECT_THAT(sent.open, ElementsAre(1));
  EXPECT_FALSE(alive) << "the sink lets go of the bytes before they die";
}

} // namespace feedcast::app
