#include "fixture.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

namespace feedcast::settings {

namespace {

/// One entry of data/bad_*.txt:
///     === name [alone]       laid over base.yaml, or the only file
///     %env NAME=VALUE        any number of these, %set PATH=VALUE, %profile NAME
///     the YAML of case.yaml
///     >>>
///     what must be complained, word by word
struct bad_input {
  std::string name;
  bool alone = false;
  load_request request;
  std::string yaml;
  std::string expected;
};

/// True if `line` is a directive, which is then taken in.
bool take_directive(const std::string& line, load_request& request) {
  const auto rest = [&line](std::string_view word) { return line.substr(word.size()); };
  if (line.starts_with("%env ")) {
    const auto text = rest("%env ");
    const auto equals = text.find('=');
    request.environment[text.substr(0, equals)] = text.substr(equals + 1);
  } else if (line.starts_with("%set ")) {
    request.sets.push_back(rest("%set "));
  } else if (line.starts_with("%profile ")) {
    request.profile = rest("%profile ");
  } else {
    return false;
  }
  return true;
}

std::vector<bad_input> read_bad_inputs(const std::filesystem::path& file) {
  std::vector<bad_input> inputs;
  std::istringstream text{read_text(file)};
  bool in_expected = false;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("=== ")) {
      std::istringstream head{line.substr(4)};
      auto& made = inputs.emplace_back();
      std::string flag;
      head >> made.name >> flag;
      made.alone = flag == "alone";
      in_expected = false;
    } else if (line == ">>>") {
      in_expected = true;
    } else if (in_expected) {
      inputs.back().expected += line + '\n';
    } else if (!take_directive(line, inputs.back().request)) {
      inputs.back().yaml += line + '\n';
    }
  }
  return inputs;
}

load_outcome run(const bad_input& input) {
  return input.alone ? load_alone(input.yaml, input.request)
                     : load_over_base(input.yaml, input.request);
}

} // namespace

class bad_inputs : public testing::TestWithParam<const char*> {};

TEST_P(bad_inputs, are_refused_with_the_exact_message) {
  const auto file = source_folder() / "tests/unit/settings/data" / GetParam();
  std::set<std::string> names;
  for (const auto& input : read_bad_inputs(file)) {
    SCOPED_TRACE(input.name);
    EXPECT_TRUE(names.insert(input.name).second) << "two cases of one name";

    const auto outcome = run(input);

    EXPECT_FALSE(outcome.ok());
    EXPECT_EQ(messages(outcome), input.expected);
    EXPECT_THAT(messages(outcome), testing::Not(testing::HasSubstr("hunter2")));
  }
  EXPECT_GE(names.size(), 25u);
  RecordProperty("bad_inputs", static_cast<int>(names.size()));
}

INSTANTIATE_TEST_SUITE_P(settings, bad_inputs,
                         testing::Values("bad_syntax.txt", "bad_values.txt", "bad_meaning.txt",
                                         "bad_sources.txt", "bad_couchdb.txt"),
                         [](const auto& test) {
                           const std::string name = test.param;
                           return name.substr(0, name.find('.'));
                         });

} // namespace feedcast::settings
