#pragma once

#include "tests/support/bad_documents.hpp"

#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace feedcast::testing {

/// A line of a table of inputs that must be refused: name, input, outcome, with tabs in between.
struct bad_input {
  std::string name;
  std::string text; ///< with %HH and <N*text> written out
  std::string outcome;
};

/// The lines of tests/unit/`table`. Throws if there are none, or if two are the same.
inline std::vector<bad_input> read_bad_inputs(const std::string& source_folder,
                                              const std::string& table) {
  std::vector<bad_input> out;
  std::set<std::string> names;
  std::set<std::string> texts;
  std::ifstream in{source_folder + "/tests/unit/" + table};
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with('#'))
      continue;
    const auto first = line.find('\t');
    const auto last = line.rfind('\t');
    if (first == last)
      throw std::runtime_error(table + ": two tabs are missing in: " + line);
    out.push_back({line.substr(0, first), written_out(line.substr(first + 1, last - first - 1)),
                   line.substr(last + 1)});
    if (!names.insert(out.back().name).second || !texts.insert(out.back().text).second)
      throw std::runtime_error(table + ": twice: " + line);
  }
  if (out.empty())
    throw std::runtime_error(table + ": there are no inputs in it");
  return out;
}

} // namespace feedcast::testing
