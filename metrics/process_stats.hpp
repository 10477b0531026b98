#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace feedcast::metrics {

/// What Linux tells about this process in /proc/self.
struct process_stats {
  double resident_bytes = 0;
  double cpu_seconds = 0; ///< user and system
  double open_fds = 0;
  double threads = 0;
  double start_time = 0; ///< Unix time in seconds
};

/// The fields of one line of /proc/PID/stat that we use, in the units of that file.
struct stat_line {
  std::uint64_t user_ticks = 0;
  std::uint64_t system_ticks = 0;
  std::uint64_t threads = 0;
  std::uint64_t start_ticks = 0; ///< since boot
  std::uint64_t resident_pages = 0;
};

/// The command name in the line may hold blanks and parentheses. Nothing if the line is not what
/// proc(5) says.
std::optional<stat_line> parse_stat_line(std::string_view line);

/// Nothing if /proc is not there.
std::optional<process_stats> read_process_stats();

} // namespace feedcast::metrics
