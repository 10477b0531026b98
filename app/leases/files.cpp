#include "app/leases/files.hpp"

#include "leases/durable_file.hpp"

#include <array>
#include <cstdio>

namespace feedcast::app {

namespace {

constexpr std::size_t longest = std::size_t{64} << 20;

result<std::string> read_standard_input() {
  std::string out;
  std::array<char, 65536> chunk{};
  while (const auto count = std::fread(chunk.data(), 1, chunk.size(), stdin)) {
    out.append(chunk.data(), count);
    if (out.size() > longest)
      break;
  }
  if (std::ferror(stdin) != 0)
    return make_error(errc::unavailable, "standard input can't be read");
  return out;
}

} // namespace

result<std::string> read_text(const std::string& path) {
  std::string text;
  if (path == "-") {
    auto input = read_standard_input();
    if (!input)
      return input;
    text = std::move(*input);
  } else {
    auto file = read_file(path);
    if (!file)
      return file.error();
    if (!*file)
      return make_error(errc::not_found, "there is no file " + path);
    text = std::move(**file);
  }
  if (text.size() > longest)
    return make_error(errc::too_large, path + " is larger than any export");
  return text;
}

result<bool> write_text(const std::string& path, const std::string& text) {
  if (path != "-")
    return replace_file(path, text);
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
    return true;
  return make_error(errc::unavailable, "standard output can't be written");
}

} // namespace feedcast::app
