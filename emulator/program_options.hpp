#pragma once

#include "core/result.hpp"
#include "emulator/emulator.hpp"

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

/// "NAME[=HOST:PORT]", such as "West Europe=127.0.0.1:8082". `rejected` without a name.
result<region_wish> parse_region_wish(std::string_view text);

} // namespace feedcast::emulator
