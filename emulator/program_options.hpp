#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace feedcast::emulator {

/// A container to make at the start.
struct container_wish {
  std::string database;
  std::string container;
  std::uint32_t ranges = 0; ///< 0 = the default
  std::string key_path = "/id";
};

/// "DB/COLL[:RANGES[:PKPATH]]", such as "openwhisk/whisks:4:/id". `rejected` with what is wrong.
result<container_wish> parse_container_wish(std::string_view text);

} // namespace feedcast::emulator
