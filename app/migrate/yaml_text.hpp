#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace feedcast::app {

/// `text` as a value of feedcast's YAML, quoted where it has to be.
std::string yaml_value(std::string_view text);

/// "[a, b]"
std::string yaml_list(const std::vector<std::string>& items);

/// Lines of YAML, each with a comment behind it.
class yaml_text {
 public:
  /// `depth`: levels of indentation. `value` stands there as it is; empty = a block follows.
  void line(int depth, std::string_view key, std::string_view value, std::string_view comment = {});
  /// A line of its own.
  void comment(int depth, std::string_view text);

  std::string take() { return std::move(out_); }

 private:
  std::string out_;
};

} // namespace feedcast::app
