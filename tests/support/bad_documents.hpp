#pragma once

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::testing {

/// A line of tests/unit/pipeline/data/bad_documents.tsv, which says how to read it.
struct bad_document {
  std::string name;
  std::string text;
  bool page = false;                 ///< it makes its whole page unreadable
  std::vector<std::string> keys;     ///< delivered, as they stand in the message's JSON
  bool repaired = false;             ///< and counted as damaged
  std::vector<std::string> unusable; ///< reasons
  std::size_t own = 0;
  std::size_t filtered = 0;
};

/// `%HH` and `<N*text>` written out.
inline std::string written_out(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
      i += 2;
      continue;
    }
    const auto star = text[i] == '<' ? text.find_first_not_of("0123456789", i + 1) : i + 1;
    if (star == i + 1 || star == std::string_view::npos || text[star] != '*') {
      out += text[i];
      continue;
    }
    const auto end = text.find('>', star);
    const auto what = text.substr(star + 1, end - star - 1);
    for (auto n = std::stoull(std::string{text.substr(i + 1, star - i - 1)}); n > 0; --n)
      out += what;
    i = end;
  }
  return out;
}

inline bad_document read_bad_document(std::string_view line) {
  const auto first = line.find('\t');
  const auto second = line.find('\t', first + 1);
  if (second == std::string_view::npos)
    throw std::runtime_error("bad_documents.tsv: two tabs are missing in: " + std::string{line});
  bad_document d;
  d.name = line.substr(0, first);
  d.text = written_out(line.substr(first + 1, second - first - 1));
  std::string_view state;
  for (auto rest = line.substr(second + 1); !rest.empty();) {
    const auto word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word == "page" || word == "own" || word == "filtered") {
      d.page |= word == "page";
      d.own += word == "own" ? 1 : 0;
      d.filtered += word == "filtered" ? 1 : 0;
    } else if (word == "deliver" || word == "repaired" || word == "unusable") {
      state = word;
      d.repaired |= word == "repaired";
    } else if (state == "unusable") {
      d.unusable.emplace_back(word);
    } else {
      d.keys.push_back(written_out(word));
    }
  }
  return d;
}

inline std::vector<bad_document> read_bad_documents(const std::string& sources) {
  std::ifstream in{sources + "/tests/unit/pipeline/data/bad_documents.tsv"};
  std::vector<bad_document> all;
  for (std::string line; std::getline(in, line);)
    if (!line.empty() && line.front() != '#')
      all.push_back(read_bad_document(line));
  return all;
}

} // namespace feedcast::testing
