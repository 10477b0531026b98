#include "fixture.hpp"
#include "settings/printer.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace feedcast::settings {

using testing::ContainsRegex;
using testing::HasSubstr;

namespace {

std::string without_origins(const std::string& printed) {
  std::string text;
  std::istringstream lines{printed};
  for (std::string line; std::getline(lines, line);)
    text += line.substr(0, line.rfind("  # ")) + '\n';
  return text;
}

} // namespace

TEST(print_effective, names_the_origin_of_every_value) {
  load_request request;
  request.profile = "low-latency";
  request.environment["FEEDCAST_TARGETS__EU__KAFKA__TOPIC"] = "t";
  request.sets = {"drain_deadline=20s"};

  const auto text = print_effective(load_over_base("admin: {listen: \"off\"}", request));

  EXPECT_THAT(text, HasSubstr("    topic: t  # environment FEEDCAST_TARGETS__EU__KAFKA__TOPIC\n"));
  EXPECT_THAT(text, HasSubstr("\ndrain_deadline: 20s  # --set\n"));
  EXPECT_THAT(text, HasSubstr("    max: 100ms  # profile low-latency\n"));
  EXPECT_THAT(text, HasSubstr("    type: cosmosdb  # default\n"));
  EXPECT_THAT(text, ContainsRegex("  listen: \"off\"  # [^ ]*case.yaml:1:17\n"));
  EXPECT_THAT(text, ContainsRegex("  key: <secret>  # [^ ]*base.yaml:4:10\n"));
}

TEST(print_effective, names_the_common_block_for_what_a_target_takes_from_it) {
  const auto text = print_effective(
      load_over_base("leases: {collection: common}\ntargets: {eu: {leases: {prefix: p}}}"));

  EXPECT_THAT(text, ContainsRegex("      collection: common  # [^ ]*case.yaml:1:22\n"));
  EXPECT_THAT(text, ContainsRegex("      prefix: p  # [^ ]*case.yaml:2:33\n"));
}

TEST(print_effective, can_be_loaded_again) {
  const auto first = load_over_base(R"(
feeds: {whisks: {start: "2026-01-31T12:00:00Z", collection: "a$$b"}}
targets:
  eu:
    regions: ["West Europe", "off", "a: b # c", 'quote " and \']
    kafka: {properties: {"debug": "${NAME}", "odd:name": "x\ty"}}
    leases: {prefix: "${NAME}"}
)",
                                    {{}, {}, {}, {{"NAME", "$${x}"}}});
  ASSERT_TRUE(first.ok()) << messages(first);
  auto text = print_effective(first);
  const std::string hidden = "<secret>";
  text.replace(text.find(hidden), hidden.size(), "{from_env: TEST_KEY}");

  const auto second = load_alone(text);

  ASSERT_TRUE(second.ok()) << messages(second) << text;
  EXPECT_EQ(without_origins(print_effective(second)), without_origins(print_effective(first)));
  EXPECT_EQ(second.config->targets.at("eu").regions, first.config->targets.at("eu").regions);
  EXPECT_EQ(second.config->targets.at("eu").kafka.properties,
            first.config->targets.at("eu").kafka.properties);
  EXPECT_EQ(second.config->targets.at("eu").leases->prefix, "$${x}");
  EXPECT_EQ(second.config->feeds.at("whisks").collection, "a$b");
}

TEST(print_effective, shows_nothing_of_a_configuration_with_errors) {
  EXPECT_EQ(print_effective(load_over_base("instance: \"a b\"")), "");
}

} // namespace feedcast::settings
