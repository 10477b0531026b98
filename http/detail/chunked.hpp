#pragma once

#include <boost/beast/http/basic_parser.hpp>

#include <cstddef>

namespace feedcast::http::detail {

/// True if `size` bytes can't reach the end of a chunked body, for its last chunk alone
/// ("0\r\n\r\n") has more. Beast 1.81 asserts that it never gets fewer once it has seen the zero.
template <bool IsRequest>
bool ends_inside_last_chunk(const boost::beast::http::basic_parser<IsRequest>& parser,
                            std::size_t size) {
  constexpr std::size_t shortest_end = 5;
  return parser.is_header_done() && parser.chunked() && size < shortest_end;
}

} // namespace feedcast::http::detail
