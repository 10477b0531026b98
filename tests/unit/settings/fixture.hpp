#pragma once

#include "settings/loader.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::settings {

/// A folder of its own that goes away with the object.
class temporary_folder {
 public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  std::filesystem::path write(std::string_view name, std::string_view content) const;

  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

/// The root of the sources.
std::filesystem::path source_folder();
std::string read_text(const std::filesystem::path& file);
/// A configuration without fault that tests lay their own files over. Wants TEST_KEY in the
/// environment.
std::filesystem::path base_file();

/// Loads `base_file()` with `yaml` (if any) as case.yaml over it.
load_outcome load_over_base(std::string_view yaml, load_request request = {});
/// Loads the one file case.yaml.
load_outcome load_alone(std::string_view yaml, load_request request = {});

/// All diagnostics, one a line; folders are cut off the names of files.
std::string messages(const load_outcome& outcome);

} // namespace feedcast::settings
