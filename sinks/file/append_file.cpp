#include "sinks/file/append_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace feedcast::file {

namespace {

error failure(std::string_view doing, const std::string& path) {
  const auto number = errno;
  const bool no_right = number == EACCES || number == EPERM || number == EROFS;
  return make_error(no_right ? errc::forbidden : errc::unavailable,
                    "can't " + std::string{doing} + ' ' + path + ": "
                        + std::generic_category().message(number));
}

class descriptor {
 public:
  explicit descriptor(int number) : number_(number) {}

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  bool valid() const noexcept { return number_ >= 0; }

  int get() const noexcept { return number_; }

 private:
  int number_;
};

// A pipe that nobody reads would hold an open() without O_NONBLOCK. Reading is for the last byte.
constexpr int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK;

/// A new name is lost with the power unless its folder is flushed too.
result<bool> flush_folder(const std::string& path) {
  const auto folder = std::filesystem::path{path}.parent_path().string();
  const descriptor opened{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY)};
  if (!opened.valid() || ::fsync(opened.get()) != 0)
    return failure("flush the folder of", path);
  return true;
}

bool write_all(int to, std::string_view bytes) {
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

bool ends_within_line(int file, std::int64_t size) {
  char last = '\n';
  return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

} // namespace

result<bool> append_durably(const std::string& path, std::string_view lines) {
  const descriptor opened{::open(path.c_str(), flags | O_CREAT, 0600)};

  struct stat facts {};

  if (!opened.valid() || ::fstat(opened.get(), &facts) != 0)
    return failure("open", path);
  if (!S_ISREG(facts.st_mode))
    return make_error(errc::rejected, path + " is no plain file; name one");
  std::string with_break;
  if (!lines.empty() && ends_within_line(opened.get(), facts.st_size))
    lines = (with_break += '\n') += lines;
  if (!write_all(opened.get(), lines))
    return failure("write to", path);
  if (::fsync(opened.get()) != 0)
    return failure("flush", path);
  return flush_folder(path);
}

} // namespace feedcast::file
