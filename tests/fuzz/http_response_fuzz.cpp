// An answer on the wire, to what the HTTP client makes of it: the same however the bytes arrive,
// and never more than the limits allow.
#include "http/detail/response_reader.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/fuzz/sockets.hpp"

#include <algorithm>
#include <optional>
#include <string>

using namespace feedcast;
using fuzz::expect;

namespace {

constexpr http::detail::read_limits limits{.header = 1024, .body = 4096};

/// All that a caller learns, as one text to compare.
std::string describe(const result<http::detail::received>& got, bool silent) {
  // An answer may be invalid and too large at once: which is seen first depends on how it arrives.
  if (!got)
    return got.error().code == errc::unavailable ? silent ? "nothing came" : "broken" : "refused";
  const auto& m = got->message;
  std::string text = std::to_string(m.status) + '\n';
  for (const auto& [name, value] : m.headers) {
    expect(name.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos,
           "a field's name is one line", name);
    expect(value.find_first_of(std::string_view{"\r\n\0", 3}) == std::string::npos,
           "a field's value is one line", value);
    text.append(name).append(": ").append(value).append("\n");
  }
  expect(m.status >= 200, "an interim answer is not the answer", text);
  expect(text.size() <= 2 * limits.header, "the head is within its limit");
  expect(m.body.size() <= limits.body, "the body is within its limit");
  return text.append(m.body.view());
}

/// True if a head in `bytes` is about as large as allowed: pieces are refused a line earlier.
bool at_the_limit(std::string_view bytes) {
  constexpr std::size_t slack = 128;
  for (;;) {
    const auto head = std::min(bytes.find("\r\n\r\n"), bytes.size());
    if (head + slack > limits.header)
      return true;
    if (head == bytes.size())
      return false;
    bytes.remove_prefix(head + 4);
  }
}

std::string read(const fuzz::pieces& bytes, bool without_body) {
  std::string out;
  fuzz::arrive(bytes, [&](http::detail::stream& from, const auto&) -> http::detail::task<void> {
    boost::beast::flat_buffer input;
    bool silent = false;
    const auto got =
        co_await http::detail::read_response(from, input, limits, without_body, &silent);
    out = describe(got, silent);
  });
  return out;
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  for (const bool without_body : {false, true}) {
    std::optional<std::string> first;
    for (const auto& way : fuzz::ways_to_arrive(bytes)) {
      auto got = read(way, without_body);
      if (!first)
        first = std::move(got);
      else if (!at_the_limit(bytes))
        expect(got == *first, "the same answer however it arrives, which was: " + *first, got);
    }
  }
  return 0;
}
