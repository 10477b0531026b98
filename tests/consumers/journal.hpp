#pragma once

#include "tests/consumers/stage.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::consumers {

/// What happened, line by line, for those who replay a seed. Empty unless it is wanted.
class journal {
 public:
  journal(const stage& time, bool wanted) : time_(time), wanted_(wanted) {}

  bool wanted() const noexcept { return wanted_; }

  /// About one key; empty = about everything.
  void note(std::string_view key, std::string what) {
    if (wanted_)
      lines_.push_back({time_.now(), std::string{key}, std::move(what)});
  }

  /// Those about a key, and those about everything; all of them if `key` is empty.
  std::string text(std::string_view key) const {
    std::string out;
    for (const auto& l : lines_)
      if (key.empty() || l.key.empty() || l.key == key)
        out += "  " + std::to_string(l.when) + " " + (l.key.empty() ? "" : l.key + ": ") + l.what
               + '\n';
    return out;
  }

 private:
  struct line {
    moment when;
    std::string key;
    std::string what;
  };

  const stage& time_;
  const bool wanted_;
  std::vector<line> lines_;
};

} // namespace feedcast::consumers
