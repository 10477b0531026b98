#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace feedcast::test {

/// A fresh folder, removed with everything in it at the end of the test.
class temporary_folder {
 public:
  temporary_folder() {
    auto pattern = ::testing::TempDir() + "feedcast-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  ~temporary_folder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }

  std::string file(const std::string& name) const { return path_ + '/' + name; }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream{file(name)} << text;
  }

 private:
  std::string path_;
};

} // namespace feedcast::test
