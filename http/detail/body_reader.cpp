#include "http/detail/body_reader.hpp"

#include "http/detail/chunked.hpp"
#include "http/detail/response_reader.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

namespace feedcast::http::detail {

namespace {

namespace beast_http = boost::beast::http;

/// More interim answers (100, 103) than this before the real one are an attack.
constexpr int max_interim = 16;

bool is_end(const error_code& failure) {
  return failure == asio::error::eof || failure == asio::ssl::error::stream_truncated;
}

} // namespace

body_reader::body_reader(stream& from, std::size_t max_header, bool wipe)
    : from_(from), max_header_(max_header), wipe_(wipe) {
  input_.reserve(read_size);
  renew_parser();
}

body_reader::~body_reader() {
  if (!wipe_)
    return;
  explicit_bzero(piece_.data(), piece_.capacity());
  auto& body = parser_->get().body();
  explicit_bzero(body.data(), body.capacity());
  wipe_input();
}

void body_reader::renew_parser() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(
      std::min<std::size_t>(max_header_, std::numeric_limits<std::uint32_t>::max())));
  parser_->body_limit(boost::none);
  // Beforehand, so that they never grow, which would leave copies behind.
  parser_->get().body().reserve(read_size);
  piece_.reserve(read_size);
}

task<error_code> body_reader::read_more() {
  const auto [failure, size] = co_await from_.read_some(input_.prepare(read_size));
  input_.commit(size);
  silent_ &= size == 0;
  co_return failure;
}

std::optional<error> body_reader::parse() {
  if (input_.size() == 0 || ends_inside_last_chunk(*parser_, input_.size()))
    return std::nullopt;
  error_code failure;
  input_.consume(parser_->put(input_.cdata(), failure));
  if (wipe_)
    wipe_input();
  if (failure == beast_http::error::header_limit)
    return make_error(errc::too_large, "the head of the answer is larger than "
                                           + std::to_string(max_header_) + " bytes");
  if (failure && failure != beast_http::error::need_more)
    return make_error(errc::malformed, "the answer is not valid HTTP: " + failure.message());
  // Beast waits for the end of a chunk's head for ever.
  if (parser_->is_header_done() && input_.size() > max_header_)
    return make_error(errc::malformed, "the head of a chunk is too long");
  return std::nullopt;
}

void body_reader::wipe_input() {
  const auto room = input_.prepare(input_.capacity() - input_.size());
  if (room.size() > 0)
    explicit_bzero(room.data(), room.size());
}

task<result<void>> body_reader::read_head() {
  for (int interim = 0; interim < max_interim;) {
    if (auto e = parse())
      co_return *e;
    if (!parser_->is_header_done()) {
      const auto failure = co_await read_more();
      if (!failure)
        continue;
      if (silent_)
        co_return make_error(errc::unavailable,
                             is_end(failure) ? "the server closed the connection without an answer"
                                             : "waiting for the answer: " + failure.message());
      co_return make_error(is_end(failure) ? errc::malformed : errc::unavailable,
                           is_end(failure)
                               ? "the answer was cut short within its head"
                               : "the connection broke within the head: " + failure.message());
    }
    status_ = parser_->get().result_int();
    if (status_ < 100)
      co_return make_error(errc::malformed,
                           "the answer is not valid HTTP: its status is below 100");
    if (status_ < 200) {
      ++interim;
      renew_parser();
      continue;
    }
    for (const auto& field : parser_->get())
      headers_.add({field.name_string().data(), field.name_string().size()},
                   std::string{field.value()});
    ended_ = parser_->is_done();
    parser_->eager(true);
    co_return result<void>{};
  }
  co_return make_error(errc::malformed, "the server sends interim answers without end");
}

task<void> body_reader::fill() {
  for (;;) {
    if (auto e = parse())
      failure_ = std::move(*e);
    ended_ |= parser_->is_done();
    if (has_news())
      co_return;
    const auto stopped = co_await read_more();
    if (!stopped)
      continue;
    // Over TLS only a close_notify tells the end of a body from an attacker's cut.
    if (stopped == asio::error::eof && parser_->need_eof()) {
      error_code failure;
      parser_->put_eof(failure);
      ended_ = !failure;
    }
    if (ended_)
      co_return;
    failure_ = is_end(stopped)
                   ? make_error(errc::malformed, "the answer was cut short within its body")
                   : make_error(errc::unavailable,
                                "the connection broke within the body: " + stopped.message());
    co_return;
  }
}

result<std::string_view> body_reader::take() {
  if (wipe_)
    explicit_bzero(piece_.data(), piece_.size());
  piece_.clear();
  auto& body = parser_->get().body();
  if (!body.empty()) {
    piece_.swap(body);
    return std::string_view{piece_};
  }
  if (failure_)
    return *failure_;
  return std::string_view{};
}

} // namespace feedcast::http::detail
