#pragma once

#include "core/padded_buffer.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstring>

namespace feedcast {

static_assert(padded_buffer::padding >= simdjson::SIMDJSON_PADDING);

/// After these the parser's state is undefined: it must not be touched again for this page.
inline bool fatal(simdjson::error_code e) {
  switch (e) {
  case simdjson::SUCCESS:
  case simdjson::INCORRECT_TYPE:
  case simdjson::STRING_ERROR:
  case simdjson::NUMBER_ERROR:
  case simdjson::NUMBER_OUT_OF_RANGE:
  case simdjson::T_ATOM_ERROR:
  case simdjson::F_ATOM_ERROR:
  case simdjson::N_ATOM_ERROR:
    return false;
  default:
    return true;
  }
}

/// Raw (still escaped) member name against a literal. Names end with a quote, so the compare can't
/// run over.
template <std::size_t N>
bool is(const char* raw, const char (&name)[N]) {
  return std::memcmp(raw, name, N - 1) == 0 && raw[N - 1] == '"';
}

inline bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

} // namespace feedcast
