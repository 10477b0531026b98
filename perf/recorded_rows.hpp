#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::perf {

/// Rows of a changes feed as a real server sent them, each given an id and a sequence of its own.
class recorded_rows {
 public:
  static constexpr const char* a_transcript =
      "tests/couchdb/transcripts/05-changes-continuous.http";

  /// Those without documents in the file. Throws if it has none.
  explicit recorded_rows(const std::string& transcript);

  /// Row `n`, and `end` behind it.
  void append(std::string& to, std::uint64_t n, std::string_view end) const;

 private:
  struct row {
    std::string seq;  ///< behind its number
    std::string rest; ///< behind the id
  };

  std::vector<row> rows_;
};

} // namespace feedcast::perf
