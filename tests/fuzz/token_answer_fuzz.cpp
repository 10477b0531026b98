// The answer of a token endpoint: what is taken for a token can be put into a header, ends some
// time, and an error never shows anything of it.
#include "feeds/tokens/token_request.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <chrono>

using namespace feedcast;
using fuzz::expect;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono_literals;
  const auto text = fuzz::text_of(data, size);
  http::response answer;
  answer.status = 200;
  answer.body = padded_buffer{text};
  const auto token = tokens::read_token(answer, wall_time{1'767'225'600s});
  if (token) {
    expect(!token->value.empty()
               && std::all_of(token->value.begin(), token->value.end(),
                              [](unsigned char c) { return c > 0x20 && c < 0x7f; }),
           "a token fits into a header");
    expect(token->lifetime > 0s && token->lifetime <= 7 * 24h, "a token has an end");
  } else {
    expect(token.error().code == errc::malformed, "a bad answer is named as such");
  }
  answer.status = 400;
  const auto word = tokens::refusal_word(answer);
  expect(word.size() <= 40
             && std::all_of(word.begin(), word.end(),
                            [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; }),
         "only plain words of a refusal are shown");
  return 0;
}
