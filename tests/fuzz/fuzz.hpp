#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

/// One input. Implemented once per fuzz target; called by libFuzzer, or by replay.cpp for the
/// committed corpus.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace feedcast::fuzz {

/// Ends the program if the oracle's expectation does not hold, as a sanitizer would.
void expect(bool holds, std::string_view what, std::string_view got = {});

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Cuts the first line off `rest` and returns it; all of it if there is no other.
std::string_view take_line(std::string_view& rest);

} // namespace feedcast::fuzz
