#include "perf/recorded_rows.hpp"

#include <fstream>
#include <stdexcept>

namespace feedcast::perf {

namespace {

constexpr std::string_view seq_begin = R"({"seq":")";
constexpr std::string_view id_begin = R"(","id":")";

} // namespace

recorded_rows::recorded_rows(const std::string& transcript) {
  std::ifstream in{transcript};
  for (std::string line; std::getline(in, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ','))
      line.pop_back();
    const auto id = line.find(id_begin);
    if (!line.starts_with(seq_begin) || !line.ends_with('}') || id == std::string::npos
        || line.find("\"doc\"") != std::string::npos)
      continue;
    const auto dash = line.find('-');
    rows_.push_back(
        {line.substr(dash, id - dash), line.substr(line.find('"', id + id_begin.size()))});
  }
  if (rows_.empty())
    throw std::runtime_error(transcript + ": no rows");
}

void recorded_rows::append(std::string& to, std::uint64_t n, std::string_view end) const {
  const auto& r = rows_[n % rows_.size()];
  const auto number = std::to_string(n);
  to.append(seq_begin).append(number).append(r.seq).append(id_begin);
  to.append("guest/tools/action").append(number).append(r.rest).append(end);
}

} // namespace feedcast::perf
