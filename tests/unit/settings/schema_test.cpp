#include "fixture.hpp"
#include "settings/shape.hpp"

#include <boost/json.hpp>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace feedcast::settings {

namespace {

namespace json = boost::json;

std::vector<std::string> texts_of(const json::object& at, const char* key) {
  std::vector<std::string> texts;
  if (const auto* list = at.if_contains(key))
    for (const auto& item : list->as_array())
      texts.emplace_back(item.as_string());
  return texts;
}

/// Holds the schema's object at one place against what the reader knows there, in both directions.
class comparison {
 public:
  explicit comparison(const json::object& root) : root_(root) {}

  void compare(const shape& expected, const json::object& found, const std::string& path) {
    SCOPED_TRACE(path);
    EXPECT_TRUE(found.contains("description"));
    const auto* reference = found.if_contains("$ref");
    const std::string name = reference ? std::string{reference->as_string()} : std::string{};
    switch (expected.type) {
    case shape::kind::duration:
      EXPECT_EQ(name, "#/$defs/duration");
      return;
    case shape::kind::size:
      EXPECT_EQ(name, "#/$defs/size");
      return;
    case shape::kind::share:
      EXPECT_EQ(name, "#/$defs/share");
      return;
    case shape::kind::secret:
      EXPECT_EQ(name, "#/$defs/secret");
      return;
    case shape::kind::start:
      EXPECT_EQ(name, "#/$defs/start");
      return;
    default:
      break;
    }
    const auto& resolved = reference ? definition(name) : found;
    EXPECT_EQ(resolved.at("type").as_string(), type_of(expected.type));
    switch (expected.type) {
    case shape::kind::text:
      EXPECT_EQ(texts_of(resolved, "enum"), expected.choices);
      return;
    case shape::kind::list:
      EXPECT_EQ(texts_of(resolved.at("items").as_object(), "enum"), expected.choices);
      return;
    case shape::kind::number:
      EXPECT_EQ(resolved.at("minimum").to_number<std::uint64_t>(), expected.low);
      EXPECT_EQ(resolved.at("maximum").to_number<std::uint64_t>(), expected.high);
      return;
    case shape::kind::table:
      EXPECT_EQ(resolved.at("propertyNames").at("$ref").as_string(), "#/$defs/name");
      return compare(expected.members.front(), resolved.at("additionalProperties").as_object(),
                     path + ".*");
    case shape::kind::group:
      return compare_members(expected, resolved, path);
    default:
      return;
    }
  }

 private:
  static const char* type_of(shape::kind type) {
    switch (type) {
    case shape::kind::list:
      return "array";
    case shape::kind::flag:
      return "boolean";
    case shape::kind::number:
      return "integer";
    case shape::kind::text:
      return "string";
    default:
      return "object";
    }
  }

  const json::object& definition(const std::string& reference) const {
    return root_.at("$defs").at(reference.substr(std::string{"#/$defs/"}.size())).as_object();
  }

  void compare_members(const shape& expected, const json::object& found, const std::string& path) {
    EXPECT_FALSE(found.at("additionalProperties").as_bool());
    const auto& properties = found.at("properties").as_object();
    std::set<std::string> known;
    std::set<std::string> required;
    for (const auto& member : expected.members) {
      known.insert(member.key);
      // A group with a required key is itself required, unless it is left out with a default for
      // all of it.
      if (member.required || is_needed_group(member))
        required.insert(member.key);
      const auto* property = properties.if_contains(member.key);
      EXPECT_TRUE(property) << "the schema lacks " << path << '.' << member.key;
      if (property)
        compare(member, property->as_object(), path + '.' + member.key);
    }
    for (const auto& property : properties)
      EXPECT_TRUE(known.contains(property.key()))
          << "the reader lacks " << path << '.' << property.key();
    const auto listed = texts_of(found, "required");
    EXPECT_EQ(std::set<std::string>(listed.begin(), listed.end()), required);
  }

  static bool is_needed_group(const shape& member) {
    return member.type == shape::kind::group
           && std::any_of(member.members.begin(), member.members.end(),
                          [](const shape& inner) { return inner.required; });
  }

  const json::object& root_;
};

json::object read_schema() {
  return json::parse(read_text(source_folder() / "configs/schema.json")).as_object();
}

} // namespace

TEST(schema, and_reader_know_the_same_keys_types_and_choices) {
  const auto schema = read_schema();

  comparison{schema}.compare(service_shape(), schema, "$");
}

TEST(schema, says_which_draft_it_follows) {
  EXPECT_EQ(read_schema().at("$schema").as_string(),
            "https://json-schema.org/draft/2020-12/schema");
}

TEST(schema, comparison_sees_a_key_that_only_one_side_knows) {
  auto schema = read_schema();
  schema["properties"].as_object().erase("instance");
  schema["properties"].as_object()["planted"] = {{"description", "x"}, {"type", "string"}};
  testing::TestPartResultArray failures;
  {
    const testing::ScopedFakeTestPartResultReporter watch{
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &failures};
    comparison{schema}.compare(service_shape(), schema, "$");
  }

  std::string text;
  for (int i = 0; i < failures.size(); ++i)
    text += failures.GetTestPartResult(i).message();
  EXPECT_NE(text.find("the schema lacks $.instance"), std::string::npos) << text;
  EXPECT_NE(text.find("the reader lacks $.planted"), std::string::npos) << text;
}

} // namespace feedcast::settings
