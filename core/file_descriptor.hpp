#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace feedcast {

/// Owns an open file: closes it at the end.
class file_descriptor {
 public:
  /// `number` is what open() returned; negative means that it failed.
  explicit file_descriptor(int number) noexcept : number_(number) {}

  file_descriptor(const file_descriptor&) = delete;
  file_descriptor& operator=(const file_descriptor&) = delete;

  ~file_descriptor();

  bool valid() const noexcept { return number_ >= 0; }

  int get() const noexcept { return number_; }

  /// The caller owns it from now on.
  int release() noexcept;

 private:
  int number_;
};

/// Writes all of it, whatever interrupts. False on failure; errno says which. Part of it may be
/// written then.
bool write_all(int to, std::string_view bytes) noexcept;

/// Makes the names in the folder of `path` as durable as the files. False on failure; errno says
/// which.
bool flush_folder_of(const std::string& path);

/// What errno says of `doing` ("open") something to `path`: `forbidden` if a right is missing,
/// `unavailable` otherwise.
error file_failure(std::string_view doing, const std::string& path);

} // namespace feedcast
