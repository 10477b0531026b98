#include "core/file_descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace feedcast {

file_descriptor::~file_descriptor() {
  if (number_ >= 0)
    ::close(number_);
}

int file_descriptor::release() noexcept {
  return std::exchange(number_, -1);
}

bool write_all(int to, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const auto written = ::write(to, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written < 0)
      return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool flush_folder_of(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path().string();
  const file_descriptor opened{
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  return opened.valid() && ::fsync(opened.get()) == 0;
}

error file_failure(std::string_view doing, const std::string& path) {
  const auto number = errno;
  const bool right_missing = number == EACCES || number == EPERM || number == EROFS;
  return make_error(right_missing ? errc::forbidden : errc::unavailable,
                    "can't " + std::string{doing} + ' ' + path + ": "
                        + std::generic_category().message(number));
}

} // namespace feedcast
