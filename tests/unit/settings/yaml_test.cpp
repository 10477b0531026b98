#include "fixture.hpp"
#include "settings/yaml.hpp"

#include <gmock/gmock.h>

#include <chrono>

namespace feedcast::settings {

namespace {

std::string complaints_of(const std::filesystem::path& file) {
  diagnostic_list complaints;
  EXPECT_FALSE(read_yaml_file(file, complaints));
  std::string text;
  for (const auto& found : complaints.take())
    text += found.message + '\n';
  return text;
}

} // namespace

TEST(yaml, keeps_order_and_places) {
  diagnostic_list complaints;
  const auto tree =
      parse_yaml("b: 1\na:\n  - x\n  - {c: ~}\n", {origin::layer::file, "f"}, complaints);

  ASSERT_TRUE(tree);
  ASSERT_EQ(tree->children.size(), 2u);
  EXPECT_EQ(tree->children[0].key, "b");
  EXPECT_EQ(tree->children[0].text, "1");
  EXPECT_EQ(to_string(tree->children[0].at), "f:1:4");
  const auto& list = tree->children[1];
  ASSERT_TRUE(list.is(node::kind::sequence));
  EXPECT_EQ(to_string(list.key_at), "f:2:1");
  EXPECT_EQ(to_string(list.children[0].at), "f:3:5");
  EXPECT_TRUE(list.children[1].find("c")->is(node::kind::null));
}

TEST(yaml, takes_windows_line_ends_and_a_byte_order_mark) {
  diagnostic_list complaints;
  const auto tree = parse_yaml("\xEF\xBB\xBF"
                               "a: x\r\nb: \"y\"\r\n",
                               {origin::layer::file, "f"}, complaints);

  ASSERT_TRUE(tree);
  EXPECT_EQ(tree->find("a")->text, "x");
  EXPECT_EQ(tree->find("b")->text, "y");
}

TEST(yaml, takes_quotes_that_are_closed_at_the_very_end) {
  for (const auto* text :
       {"a: \"x\\\"y\"", "a: 'it''s'", "a: \"\"", "a: x\"", "a: {b: 'c'}", "\"a\": 1", "'a': ''"}) {
    diagnostic_list complaints;
    EXPECT_TRUE(parse_yaml(text, {origin::layer::file, "f"}, complaints)) << text;
  }
}

TEST(yaml, names_a_place_in_the_text_for_what_its_end_cuts_short) {
  for (const std::string text : {"a: \"b\\x", "a: \"b\\u12", "x: 1\na: \"\\U0001"}) {
    diagnostic_list complaints;
    EXPECT_FALSE(parse_yaml(text, {origin::layer::file, "f"}, complaints)) << text;
    const auto found = complaints.take();
    ASSERT_EQ(found.size(), 1U) << text;
    const auto line_start = text.rfind('\n') + 1; // npos + 1 = 0
    const auto column = std::stoul(found[0].origin.substr(found[0].origin.rfind(':') + 1));
    EXPECT_LE(column, text.size() - line_start + 1) << found[0].to_string();
  }
}

TEST(yaml, takes_the_deepest_nesting_allowed) {
  diagnostic_list complaints;
  const auto text = "a: " + std::string(max_depth - 1, '[') + std::string(max_depth - 1, ']');

  EXPECT_TRUE(parse_yaml(text, {origin::layer::file, "f"}, complaints));
}

TEST(yaml, survives_nesting_far_too_deep) {
  diagnostic_list complaints;

  EXPECT_FALSE(parse_yaml(std::string(500'000, '['), {origin::layer::file, "f"}, complaints));
  EXPECT_TRUE(complaints.has_errors());
}

TEST(yaml, refuses_an_alias_bomb_before_it_grows) {
  std::string bomb = "a0: &a0 [x, x]\n";
  for (int i = 1; i < 60; ++i) {
    const auto before = "*a" + std::to_string(i - 1);
    const auto name = "a" + std::to_string(i);
    bomb += name + ": &" + name + " [" + before + ", " + before + "]\n";
  }
  const auto outcome = load_alone(bomb);

  EXPECT_EQ(messages(outcome), "case.yaml:1:5: error: anchors (&name) are not accepted. hint: "
                               "write the value out where it is needed\n");
}

TEST(yaml, refuses_a_file_of_a_hundred_megabytes_without_reading_it) {
  const temporary_folder folder;
  const auto file = folder.write("large.yaml", "a: b\n");
  std::filesystem::resize_file(file, 100U << 20U);
  const auto before = std::chrono::steady_clock::now();

  EXPECT_EQ(complaints_of(file), "is larger than 1024 KiB\n");

  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds{1});
}

TEST(yaml, refuses_a_file_without_end) {
  EXPECT_EQ(complaints_of("/dev/zero"), "is larger than 1024 KiB\n");
}

TEST(yaml, says_why_a_file_is_not_read) {
  const temporary_folder folder;

  EXPECT_EQ(complaints_of(folder.path() / "none.yaml"), "no such file\n");
  EXPECT_EQ(complaints_of(folder.path()), "is a directory, not a file\n");
}

TEST(yaml, reports_the_errors_of_every_file) {
  const temporary_folder folder;
  load_request request;
  request.files = {folder.path() / "none.yaml", folder.write("open.yaml", "a: [")};

  const auto text = messages(load(request));

  EXPECT_THAT(text, testing::HasSubstr("none.yaml: error: no such file"));
  EXPECT_THAT(text, testing::HasSubstr("open.yaml:1:1: error: not valid YAML"));
}

} // namespace feedcast::settings
