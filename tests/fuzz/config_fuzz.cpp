// A configuration file, to a configuration or complaints: no exception, no crash; every complaint
// is one line that says where; no secret is ever shown.
#include "settings/loader.hpp"
#include "settings/printer.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <unistd.h>

using namespace feedcast;
using fuzz::expect;

namespace {

constexpr const char* canary = "Y2FuYXJ5LW9mLXRoZS1lbnZpcm9ubWVudA==";

/// Text that the file itself holds, or takes out of the environment, is not a secret.
bool tells_itself(std::string_view text) {
  return text.find('$') != std::string_view::npos || text.find(canary) != std::string_view::npos;
}

/// A folder of this process with the file to load in it.
class scratch {
 public:
  scratch()
      : folder_(std::filesystem::temp_directory_path()
                / ("feedcast-fuzz-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }

  ~scratch() {
    std::error_code ignored; // there is nobody to tell any more
    std::filesystem::remove_all(folder_, ignored);
  }

  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;

  std::filesystem::path write(std::string_view text) const {
    auto file = folder_ / "case.yaml";
    std::ofstream{file, std::ios::binary} << text;
    return file;
  }

 private:
  std::filesystem::path folder_;
};

/// "case.yaml:3:5" with numbers that exist in the text; other layers have no lines.
void check_place(const std::string& place, const std::string& file, std::string_view text) {
  if (!place.starts_with(file))
    return;
  const auto numbers = place.substr(file.size());
  unsigned line = 0;
  unsigned column = 0;
  if (numbers.empty())
    return; // about the file as such: missing, too large
  expect(std::sscanf(numbers.c_str(), ":%u:%u", &line, &column) == 2, "a place has line and column",
         place);
  const auto lines = static_cast<unsigned>(std::count(text.begin(), text.end(), '\n')) + 1;
  const auto returns = static_cast<unsigned>(std::count(text.begin(), text.end(), '\r'));
  expect(line >= 1 && line <= lines + returns && column >= 1 && column <= text.size() + 1,
         "a place exists", place);
}

void check_complaint(const settings::diagnostic& d, const std::string& file,
                     std::string_view text) {
  const auto shown = d.to_string();
  check_place(d.origin, file, text);
  expect(!d.origin.empty(), "a complaint says where", shown);
  expect(!d.message.empty(), "a complaint says what", shown);
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  expect(std::none_of(shown.begin(), shown.end(), control),
         "a complaint is one line of printable text", shown);
  if (!tells_itself(text))
    expect(shown.find(canary) == std::string::npos, "a complaint tells no secret", shown);
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const scratch folder;
  const auto text = fuzz::text_of(data, size);
  settings::load_request request;
  request.files = {folder.write(text)};
  request.environment = {{"KEY", canary}, {"HOSTNAME", "fuzz"}, {"FEEDCAST_INSTANCE", "one"}};
  const auto outcome = settings::load(request);

  const auto file = request.files.front().string();
  bool failed = false;
  for (const auto& d : outcome.diagnostics) {
    check_complaint(d, file, text);
    failed = failed || d.level == settings::severity::error;
  }
  expect(outcome.ok() != failed, "a configuration, or errors");
  const auto printed = settings::print_effective(outcome);
  expect(outcome.ok() || printed.empty(), "what is in effect is shown only if something is");
  if (!tells_itself(text))
    expect(printed.find(canary) == std::string::npos, "what is in effect is shown without secrets",
           printed);
  return 0;
}
