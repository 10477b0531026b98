#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>
#include <iostream>

namespace feedcast::fuzz {

void expect(bool holds, std::string_view what, std::string_view got) {
  if (holds)
    return;
  std::cerr << "not so: " << what << '\n';
  if (!got.empty())
    std::cerr << "got: " << got << '\n';
  std::abort();
}

std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return line;
}

} // namespace feedcast::fuzz
