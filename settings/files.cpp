#include "settings/files.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace feedcast::settings {

result<std::string> read_small_file(const std::filesystem::path& file, std::size_t limit) {
  std::error_code failure;
  const auto status = std::filesystem::status(file, failure);
  if (status.type() == std::filesystem::file_type::not_found)
    return make_error(errc::not_found, "no such file");
  if (failure)
    return make_error(errc::forbidden, "cannot be read: " + failure.message());
  if (std::filesystem::is_directory(status))
    return make_error(errc::rejected, "is a directory, not a file");
  errno = 0;
  std::ifstream input{file, std::ios::binary};
  if (!input)
    return make_error(errc::forbidden, "cannot be read: " + std::generic_category().message(errno));
  std::string bytes(limit + 1, '\0');
  input.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (input.bad())
    return make_error(errc::rejected, "reading it failed");
  const auto count = static_cast<std::size_t>(input.gcount());
  if (count > limit)
    return make_error(errc::too_large, "is larger than " + std::to_string(limit >> 10U) + " KiB");
  bytes.resize(count);
  return bytes;
}

} // namespace feedcast::settings
