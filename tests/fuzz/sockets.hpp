#pragma once

#include "http/detail/net.hpp"
#include "http/detail/stream.hpp"

#include <functional>
#include <string_view>
#include <vector>

namespace feedcast::fuzz {

using pieces = std::vector<std::string_view>;

/// The same bytes as they may arrive: at once, in pieces drawn from the bytes themselves, byte by
/// byte at first.
std::vector<pieces> ways_to_arrive(std::string_view bytes);

using conversation = std::function<http::detail::task<void>(http::detail::stream& from,
                                                            const http::detail::executor& ex)>;

/// Runs `reader` on one end of a connection while the other sends the pieces one after the other,
/// each only when the one before was read, and then closes. Returns when the reader does. On this
/// thread alone.
void arrive(const pieces& bytes, const conversation& reader);

} // namespace feedcast::fuzz
