#include "sinks/file/append_file.hpp"

#include "core/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace feedcast::file {

namespace {

// A pipe that nobody reads would hold an open() without O_NONBLOCK. Reading is for the last byte.
constexpr int flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK;

bool ends_within_line(int file, std::int64_t size) {
  char last = '\n';
  return size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n';
}

} // namespace

result<bool> append_durably(const std::string& path, std::string_view lines) {
  const file_descriptor opened{::open(path.c_str(), flags | O_CREAT, 0600)};

  struct stat facts {};

  if (!opened.valid() || ::fstat(opened.get(), &facts) != 0)
    return file_failure("open", path);
  if (!S_ISREG(facts.st_mode))
    return make_error(errc::rejected, path + " is no plain file; name one");
  std::string with_break;
  if (!lines.empty() && ends_within_line(opened.get(), facts.st_size))
    lines = (with_break += '\n') += lines;
  if (!write_all(opened.get(), lines))
    return file_failure("write to", path);
  if (::fsync(opened.get()) != 0)
    return file_failure("flush", path);
  // A new name is lost with the power unless its folder is flushed too.
  if (!flush_folder_of(path))
    return file_failure("flush the folder of", path);
  return true;
}

} // namespace feedcast::file
