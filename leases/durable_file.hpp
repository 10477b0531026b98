#pragma once

#include "core/result.hpp"

#include <optional>
#include <string>
#include <utility>

namespace feedcast {

/// Exclusive hold on a lock file, between processes and within one. Released on destruction and by
/// the system when the process dies.
class file_lock {
 public:
  /// `unavailable` while somebody else holds it, `forbidden` or `unavailable` if the file can't be
  /// opened.
  static result<file_lock> acquire(const std::string& path);

  file_lock(file_lock&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}

  file_lock& operator=(file_lock&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;
  ~file_lock();

 private:
  explicit file_lock(int descriptor) : descriptor_{descriptor} {}

  int descriptor_;
};

/// The file's bytes; nullopt if there is no such file.
result<std::optional<std::string>> read_file(const std::string& path);

/// Replaces the file so that after a crash at any moment it holds either the old or the new bytes,
/// whole: a temporary file beside it, fsync, rename, fsync of the folder. `forbidden` without the
/// right, else `unavailable`.
result<bool> replace_file(const std::string& path, std::string_view bytes);

} // namespace feedcast
