#include "leases/durable_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <system_error>
#include <unistd.h>

namespace feedcast {

namespace {

error system_failure(std::string_view doing, const std::string& path) {
  const auto number = errno;
  const bool right_missing = number == EACCES || number == EPERM || number == EROFS;
  return make_error(right_missing ? errc::forbidden : errc::unavailable,
                    "can't " + std::string{doing} + ' ' + path + ": "
                        + std::generic_category().message(number));
}

class descriptor {
 public:
  descriptor(const std::string& path, int flags)
      : number_{::open(path.c_str(), flags | O_CLOEXEC, 0600)} {}

  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;

  ~descriptor() {
    if (number_ >= 0)
      ::close(number_);
  }

  bool valid() const noexcept { return number_ >= 0; }

  int get() const noexcept { return number_; }

  int release() noexcept { return std::exchange(number_, -1); }

 private:
  int number_;
};

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

} // namespace

file_lock::~file_lock() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

result<file_lock> file_lock::acquire(const std::string& path) {
  // The file is never removed: removing it would let a third process lock a new file of the same
  // name.
  descriptor file{path, O_RDWR | O_CREAT};
  if (!file.valid())
    return system_failure("open the lock file", path);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0)
    return file_lock{file.release()};
  if (errno == EWOULDBLOCK)
    return make_error(errc::unavailable,
                      path
                          + " is locked: another feedcast uses these leases; stop it, or give this "
                            "one another path or prefix");
  return system_failure("lock", path);
}

result<std::optional<std::string>> read_file(const std::string& path) {
  const descriptor file{path, O_RDONLY};
  if (!file.valid() && errno == ENOENT)
    return std::optional<std::string>{};
  if (!file.valid())
    return system_failure("open", path);
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
      return system_failure("read", path);
  }
}

result<bool> replace_file(const std::string& path, std::string_view bytes) {
  const auto temporary = path + ".tmp";
  {
    const descriptor file{temporary, O_WRONLY | O_CREAT | O_TRUNC};
    if (!file.valid())
      return system_failure("create", temporary);
    if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0)
      return system_failure("write", temporary);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0)
    return system_failure("replace", path);
  const auto folder = std::filesystem::path{path}.parent_path().string();
  const descriptor directory{folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY};
  if (!directory.valid() || ::fsync(directory.get()) != 0)
    return system_failure("flush the folder of", path);
  return true;
}

} // namespace feedcast
