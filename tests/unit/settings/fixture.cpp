#include "fixture.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace feedcast::settings {

namespace {

load_outcome load_files(std::vector<std::filesystem::path> files, std::string_view yaml,
                        load_request request) {
  const temporary_folder folder;
  if (yaml.data() != nullptr)
    files.push_back(folder.write("case.yaml", yaml));
  request.files = std::move(files);
  request.environment.try_emplace("TEST_KEY", "c2VjcmV0LWtleQ==");
  return load(request);
}

} // namespace

temporary_folder::temporary_folder() {
  auto name = (std::filesystem::temp_directory_path() / "feedcast-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    throw std::runtime_error("no temporary folder");
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::filesystem::path temporary_folder::write(std::string_view name,
                                              std::string_view content) const {
  const auto file = path_ / name;
  std::ofstream{file, std::ios::binary} << content;
  return file;
}

std::filesystem::path source_folder() {
  return SOURCE_FOLDER;
}

std::string read_text(const std::filesystem::path& file) {
  std::ifstream input{file, std::ios::binary};
  if (!input)
    throw std::runtime_error("can't read " + file.string());
  return {std::istreambuf_iterator<char>{input}, {}};
}

std::filesystem::path base_file() {
  return source_folder() / "tests/unit/settings/data/base.yaml";
}

load_outcome load_over_base(std::string_view yaml, load_request request) {
  return load_files({base_file()}, yaml, std::move(request));
}

load_outcome load_alone(std::string_view yaml, load_request request) {
  return load_files({}, yaml, std::move(request));
}

std::string messages(const load_outcome& outcome) {
  std::string lines;
  for (const auto& found : outcome.diagnostics) {
    auto shorter = found;
    if (const auto slash = shorter.origin.rfind('/'); slash != std::string::npos)
      shorter.origin.erase(0, slash + 1);
    lines += shorter.to_string() + '\n';
  }
  return lines;
}

} // namespace feedcast::settings
