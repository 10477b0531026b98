#include "metrics/process_stats.hpp"

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

namespace feedcast::metrics {

namespace {

/// Seconds since the epoch at which this machine booted; 0 if unknown.
double read_boot_time() {
  std::ifstream in{"/proc/stat"};
  for (std::string word; in >> word;) {
    if (word != "btime")
      continue;
    double seconds = 0;
    in >> seconds;
    return seconds;
  }
  return 0;
}

double count_open_fds() {
  std::error_code ignored;
  double n = 0;
  for (std::filesystem::directory_iterator i{"/proc/self/fd", ignored}, end; i != end;
       i.increment(ignored)) {
    if (ignored)
      break;
    ++n;
  }
  return n > 0 ? n - 1 : 0; // the listing itself holds one open
}

} // namespace

std::optional<stat_line> parse_stat_line(std::string_view line) {
  const auto name_end = line.rfind(')');
  if (name_end == std::string_view::npos)
    return std::nullopt;
  // Numbered as in proc(5), where the field behind the name is the third.
  constexpr std::size_t first_field = 3;
  constexpr std::size_t last_field = 24;
  std::array<std::uint64_t, last_field + 1> fields{};
  std::size_t field = first_field;
  for (auto rest = line.substr(name_end + 1); field <= last_field; ++field) {
    const auto start = rest.find_first_not_of(' ');
    if (start == std::string_view::npos)
      return std::nullopt;
    rest.remove_prefix(start);
    const auto word = rest.substr(0, rest.find_first_of(" \n"));
    // Fields that are not plain numbers (the state, negative priorities) are none of those we use.
    std::from_chars(word.data(), word.data() + word.size(), fields[field]);
    rest.remove_prefix(word.size());
  }
  return stat_line{.user_ticks = fields[14],
                   .system_ticks = fields[15],
                   .threads = fields[20],
                   .start_ticks = fields[22],
                   .resident_pages = fields[24]};
}

std::optional<process_stats> read_process_stats() {
  std::ifstream in{"/proc/self/stat"};
  std::string line;
  if (!std::getline(in, line))
    return std::nullopt;
  const auto stat = parse_stat_line(line);
  if (!stat)
    return std::nullopt;
  static const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
  static const auto page_bytes = static_cast<double>(sysconf(_SC_PAGESIZE));
  static const double boot_time = read_boot_time();
  return process_stats{
      .resident_bytes = static_cast<double>(stat->resident_pages) * page_bytes,
      .cpu_seconds = static_cast<double>(stat->user_ticks + stat->system_ticks) / ticks_per_second,
      .open_fds = count_open_fds(),
      .threads = static_cast<double>(stat->threads),
      .start_time = boot_time + static_cast<double>(stat->start_ticks) / ticks_per_second};
}

} // namespace feedcast::metrics
