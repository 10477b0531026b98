#include "settings/secret_source.hpp"

#include "settings/files.hpp"

#include <string>

namespace feedcast::settings {

namespace {

constexpr std::size_t max_secret_bytes = std::size_t{64} << 10U;
constexpr const char* how_to_write = "write {from_file: PATH} or {from_env: NAME}";

std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
    text.pop_back();
  return text;
}

secret read_from_file(const node& at, const key_path& path, diagnostic_list& complaints) {
  auto bytes = read_small_file(at.text, max_secret_bytes);
  if (!bytes) {
    complaints.error(at.at, path.text(), "the secret file " + at.text + ": " + bytes.error().detail,
                     "check the path and the rights of the user feedcast runs as");
    return {};
  }
  auto text = without_line_end(std::move(*bytes));
  if (text.empty())
    complaints.error(at.at, path.text(), "the secret file " + at.text + " is empty",
                     "write the secret into it");
  return secret{std::move(text), at.text};
}

secret read_from_environment(const node& at, const key_path& path,
                             const environment_map& environment, diagnostic_list& complaints) {
  const auto found = environment.find(at.text);
  if (found == environment.end()) {
    complaints.error(at.at, path.text(), "the environment variable " + at.text + " is not set",
                     "set it, or use {from_file: PATH}");
    return {};
  }
  auto text = without_line_end(found->second);
  if (text.empty())
    complaints.error(at.at, path.text(), "the environment variable " + at.text + " is empty",
                     "put the secret into it");
  return secret{std::move(text)};
}

secret read_literal(const node& value, const key_path& path, diagnostic_list& complaints) {
  if (value.text.empty()) {
    complaints.error(value.at, path.text(), "the secret is empty", how_to_write);
    return {};
  }
  // A value that comes from the environment anyway stands in nobody's repository or process list.
  if (!value.substituted && value.at.from != origin::layer::environment)
    complaints.warning(value.at, path.text(), "a secret is written out in plain text",
                       std::string{how_to_write} + " instead");
  return secret{without_line_end(value.text)};
}

} // namespace

secret read_secret(const node& value, const key_path& path, const environment_map& environment,
                   diagnostic_list& complaints) {
  if (value.is(node::kind::refused))
    return {};
  if (value.is(node::kind::scalar))
    return read_literal(value, path, complaints);
  if (value.is(node::kind::map) && value.children.size() == 1
      && value.children.front().is(node::kind::scalar)) {
    const auto& reference = value.children.front();
    if (reference.key == "from_file")
      return read_from_file(reference, path / "from_file", complaints);
    if (reference.key == "from_env")
      return read_from_environment(reference, path / "from_env", environment, complaints);
  }
  complaints.error(value.at, path.text(), "is not a secret", how_to_write);
  return {};
}

secret read_again(const secret& known) {
  if (known.file().empty())
    return known;
  auto bytes = read_small_file(known.file(), max_secret_bytes);
  auto text = bytes ? without_line_end(std::move(*bytes)) : std::string{};
  return text.empty() ? known : secret{std::move(text), known.file()};
}

} // namespace feedcast::settings
