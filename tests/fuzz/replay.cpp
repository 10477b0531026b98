// Runs a fuzz target over the files of its corpus, without libFuzzer: an ordinary test, by any
// compiler.
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

namespace {

std::vector<std::filesystem::path> files_of(const std::filesystem::path& named) {
  if (!std::filesystem::is_directory(named))
    return {named};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator{named})
    files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

void run(std::string_view text) {
  // A copy of exactly this size, so that the address sanitizer sees a read beyond it.
  const std::vector<std::uint8_t> bytes(text.begin(), text.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

} // namespace

int main(int argc, char** argv) {
  std::size_t inputs = 0;
  for (int i = 1; i < argc; ++i)
    for (const auto& file : files_of(argv[i])) {
      std::ifstream in{file, std::ios::binary};
      const std::string bytes{std::istreambuf_iterator<char>{in}, {}};
      if (!in) {
        std::cerr << file << ": can't be read\n";
        return EXIT_FAILURE;
      }
      std::cout << file.filename().string() << std::endl; // on the screen before a crash
      run(bytes);
      // What a fuzzer would try first: the same, cut short.
      for (std::size_t n = 1; n <= 8; ++n)
        run(std::string_view{bytes}.substr(0, bytes.size() * n / 9));
      ++inputs;
    }
  std::cout << inputs << " inputs, each whole and cut short 8 times\n";
  return inputs > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
