#pragma once

#include "core/clock.hpp"
#include "core/padded_buffer.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::http {

/// Header fields in order of appearance. Names compare case-insensitively.
class header_list {
 public:
  void set(std::string_view name, std::string value); ///< replaces all of that name
  void add(std::string_view name, std::string value);
  /// First value of that name, or "" if there is none.
  std::string_view get(std::string_view name) const noexcept;
  bool has(std::string_view name) const noexcept;

  auto begin() const noexcept { return fields_.begin(); }

  auto end() const noexcept { return fields_.end(); }

  bool empty() const noexcept { return fields_.empty(); }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

bool iequals(std::string_view a, std::string_view b) noexcept; ///< ASCII only

struct request {
  std::string method = "GET"; ///< upper case
  std::string target = "/";   ///< path and query, already percent-encoded
  header_list headers;        ///< Host, Content-Length and Connection are set by the client
  std::string body;
  /// Client only: the answer's body holds credentials; every buffer of ours that held a part of it
  /// is overwritten before it is freed or used again.
  bool secret_answer = false;
};

struct response {
  unsigned status = 0;
  header_list headers;
  padded_buffer body;
  milliseconds elapsed{0}; ///< client only: from the start of sending to the last byte
};

/// Percent-encodes everything but RFC 3986 unreserved characters. For one path segment.
std::string encode_segment(std::string_view segment);
/// Decodes %XX once. Malformed escapes stay as they are.
std::string decode_segment(std::string_view segment);

} // namespace feedcast::http
