#include "settings/substitute.hpp"
#include "settings/yaml.hpp"

#include <gtest/gtest.h>

namespace feedcast::settings {

namespace {

std::string replaced(const std::string& text, const environment_map& environment) {
  node root = empty_map({origin::layer::file, "f"});
  put_at(root, {"a"}, text, {origin::layer::file, "f", 1, 1});
  diagnostic_list complaints;
  substitute(root, environment, complaints);
  return complaints.has_errors() ? complaints.take().front().message : root.find("a")->text;
}

} // namespace

TEST(substitute, replaces_variables_wherever_they_stand_in_a_text) {
  EXPECT_EQ(replaced("${A}", {{"A", "x"}}), "x");
  EXPECT_EQ(replaced("<${A}-${B}>", {{"A", "x"}, {"B", "y"}}), "<x-y>");
  EXPECT_EQ(replaced("${A}", {{"A", ""}}), "");
}

TEST(substitute, takes_the_default_if_a_variable_is_unset_or_empty) {
  EXPECT_EQ(replaced("${A:-d}", {}), "d");
  EXPECT_EQ(replaced("${A:-d}", {{"A", ""}}), "d");
  EXPECT_EQ(replaced("${A:-d}", {{"A", "x"}}), "x");
  EXPECT_EQ(replaced("${A:-}", {}), "");
  EXPECT_EQ(replaced("${A:-a:-b}", {}), "a:-b");
}

TEST(substitute, keeps_plain_dollar_signs) {
  EXPECT_EQ(replaced("$", {}), "$");
  EXPECT_EQ(replaced("$A", {{"A", "x"}}), "$A");
  EXPECT_EQ(replaced("$${A}", {{"A", "x"}}), "${A}");
  EXPECT_EQ(replaced("a$$b", {}), "a$b");
}

TEST(substitute, never_replaces_what_came_out_of_a_variable) {
  EXPECT_EQ(replaced("${A}", {{"A", "${B}$$"}, {"B", "x"}}), "${B}$$");
}

TEST(substitute, shows_the_message_of_the_operator) {
  EXPECT_EQ(replaced("${A:?say who you are}", {}), "A is not set or empty: say who you are");
}

TEST(substitute, a_value_never_adds_structure) {
  diagnostic_list complaints;
  auto tree = parse_yaml("a: ${A}\nb: [\"${A}\"]\n", {origin::layer::file, "f"}, complaints);
  ASSERT_TRUE(tree);

  substitute(*tree, {{"A", "x\", y]\nc: {d: e}"}}, complaints);

  ASSERT_EQ(tree->children.size(), 2u);
  EXPECT_TRUE(tree->find("a")->is(node::kind::scalar));
  EXPECT_EQ(tree->find("b")->children.size(), 1u);
}

TEST(substitute, leaves_keys_and_other_layers_alone) {
  node root = empty_map({});
  put_at(root, {"${A}"}, "${A}", {origin::layer::environment, "X"});
  put_at(root, {"b"}, "${A}", {origin::layer::command_line, {}});
  diagnostic_list complaints;

  substitute(root, {}, complaints);

  EXPECT_FALSE(complaints.has_errors());
  EXPECT_EQ(root.find("${A}")->text, "${A}");
  EXPECT_EQ(root.find("b")->text, "${A}");
}

} // namespace feedcast::settings
