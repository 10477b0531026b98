#pragma once

#include "app/configuration.hpp"

#include <string>
#include <vector>

namespace feedcast::app {

/// What `feedcast leases ...` is told.
struct leases_options {
  configuration_options configuration;
  std::string target;              ///< empty = the only one that has such a feed
  std::string feed;                ///< empty = the target's only one
  std::vector<std::string> ranges; ///< show, release, rewind
  bool all = false;                ///< release: every lease
  std::string to;                  ///< rewind: a time
  bool to_beginning = false;       ///< rewind
  std::string file = "-";          ///< export, import; "-" = standard output or input
  std::string from;                ///< adopt: the host name that the leases were kept under
  bool plan = false;               ///< write nothing, say what would be written
  bool steal = false;              ///< also what somebody owns
  bool json = false;
};

// Each returns the exit code. Complaints go to stderr.

int leases_list(const leases_options& options);
int leases_show(const leases_options& options);
/// Takes leases from their owners, so that anybody may take them.
int leases_release(const leases_options& options);
/// Has them read again from a time or from the beginning.
int leases_rewind(const leases_options& options);
/// Writes marker, leases and positions to a file.
int leases_export(const leases_options& options);
/// Puts the positions of such a file back.
int leases_import(const leases_options& options);
/// Copies the leases that were kept under another host name of the account.
int leases_adopt(const leases_options& options);

} // namespace feedcast::app
