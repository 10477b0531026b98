#include "leases/durable_file.hpp"

#include "core/file_descriptor.hpp"

#include <cerrno>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace feedcast {

file_lock::~file_lock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

result<file_lock> file_lock::acquire(const std::string& path) {
  // The file is never removed: removing it would let a third process lock a new file of the same
  // name.
  file_descriptor file{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
  if (!file.valid())
    return file_failure("open the lock file", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
    return file_lock{file.release()};
  if (errno == EWOULDBLOCK)
    return make_error(errc::unavailable,
                      path
                          + " is locked: another feedcast uses these leases; stop it, or give this "
                            "one another path or prefix");
  return file_failure("lock", path);
}

result<std::optional<std::string>> read_file(const std::string& path) {
  const file_descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!file.valid() && errno == ENOENT)
    return std::optional<std::string>{};
  if (!file.valid())
    return file_failure("open", path);
  std::string out;
  constexpr std::size_t chunk = std::size_t{64} << 10;
  for (;;) {
    const auto before = out.size();
    out.resize(before + chunk);
    const auto count = ::read(file.get(), out.data() + before, chunk);
    out.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0)
      return std::optional{std::move(out)};
    if (count < 0 && errno != EINTR)
      return file_failure("read", path);
  }
}

result<bool> replace_file(const std::string& path, std::string_view bytes) {
  const auto temporary = path + ".tmp";
  {
    const file_descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
    if (!file.valid())
      return file_failure("create", temporary);
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0)
      return file_failure("write", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return file_failure("replace", path);
  if (!flush_folder_of(path))
    return file_failure("flush the folder of", path);
  return true;
}

} // namespace feedcast
