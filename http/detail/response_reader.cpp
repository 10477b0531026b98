#include "http/detail/response_reader.hpp"

#include "http/detail/chunked.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

namespace feedcast::http::detail {

namespace {

namespace beast_http = boost::beast::http;

/// The body of chunked answers and of those that end with the connection. A known length is read
/// without Beast, straight from the socket.
struct padded_body {
  using value_type = padded_buffer;

  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(beast_http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>&, error_code& failure) {
      body_.reserve(read_size);
      failure = {};
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& failure) {
      std::size_t size = 0;
      for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
           ++at) {
        const asio::const_buffer piece{*at};
        body_.append({static_cast<const char*>(piece.data()), piece.size()});
        size += piece.size();
      }
      failure = {};
      return size;
    }

    void finish(error_code& failure) { failure = {}; }

   private:
    value_type& body_;
  };
};

using parser_type = beast_http::response_parser<padded_body>;

/// More interim answers (100, 103) than this before the real one are an attack.
constexpr int max_interim = 16;

std::string_view view(boost::beast::flat_buffer& input) {
  const auto bytes = input.cdata();
  return {static_cast<const char*>(bytes.data()), bytes.size()};
}

/// Overwrites the room behind what was not consumed, and what was consumed if that is everything.
void wipe(boost::beast::flat_buffer& input) {
  const auto room = input.prepare(input.capacity() - input.size());
  if (room.size() > 0)
    explicit_bzero(room.data(), room.size());
}

bool is_end(const error_code& failure) {
  return failure == asio::error::eof || failure == asio::ssl::error::stream_truncated;
}

class response_reading {
 public:
  response_reading(stream& from, boost::beast::flat_buffer& input, read_limits limits)
      : from_(from), input_(input), limits_(limits) {}

  task<result<received>> read(bool without_body);

  bool silent() const noexcept { return total_ == 0 && input_.size() == 0; }

 private:
  task<result<void>> read_head(parser_type& parser);
  task<result<padded_buffer>> read_known(std::uint64_t length);
  task<result<void>> read_unknown(parser_type& parser);
  task<error_code> read_more();
  error broken(const error_code& failure, const std::string& during) const;
  error refused(const error_code& failure) const;

  stream& from_;
  boost::beast::flat_buffer& input_;
  read_limits limits_;
  std::uint64_t total_ = 0;
};

task<error_code> response_reading::read_more() {
  const auto [failure, size] = co_await from_.read_some(input_.prepare(read_size));
  input_.commit(size);
  total_ += size;
  co_return failure;
}

/// The connection failed in the middle of an answer.
error response_reading::broken(const error_code& failure, const std::string& during) const {
  if (silent())
    return make_error(errc::unavailable, is_end(failure)
                                             ? "the server closed the connection without an answer"
                                             : "waiting for the answer: " + failure.message());
  if (is_end(failure))
    return make_error(errc::malformed, "the answer was cut short " + during);
  return make_error(errc::unavailable, "the connection broke " + during + ": " + failure.message());
}

/// What came is not an answer that we accept.
error response_reading::refused(const error_code& failure) const {
  if (failure == beast_http::error::header_limit)
    return make_error(errc::too_large, "the head of the answer is larger than "
                                           + std::to_string(limits_.header) + " bytes");
  if (failure == beast_http::error::body_limit)
    return make_error(errc::too_large, "the body of the answer is larger than "
                                           + std::to_string(limits_.body) + " bytes");
  return make_error(errc::malformed, "the answer is not valid HTTP: " + failure.message());
}

task<result<void>> response_reading::read_head(parser_type& parser) {
  for (;;) {
    if (input_.size() > 0) {
      error_code failure;
      input_.consume(parser.put(input_.cdata(), failure));
      if (failure && failure != beast_http::error::need_more)
        co_return refused(failure);
      if (parser.is_header_done())
        co_return result<void>{};
    }
    if (const auto failure = co_await read_more())
      co_return broken(failure, "within its head");
  }
}

task<result<padded_buffer>> response_reading::read_known(std::uint64_t length) {
  const auto wanted = static_cast<std::size_t>(length);
  padded_buffer body;
  if (limits_.wipe)
    body.wipe_when_freed();
  body.reserve(wanted);
  const auto here = std::min(input_.size(), wanted);
  body.append(view(input_).substr(0, here));
  input_.consume(here);
  while (body.size() < wanted) {
    const auto room = body.prepare(wanted - body.size());
    const auto [failure, size] =
        co_await from_.read_some(asio::mutable_buffer{room.data(), room.size()});
    body.commit(size);
    if (failure)
      co_return broken(failure, "after " + std::to_string(body.size()) + " of "
                                    + std::to_string(length) + " bytes of its body");
  }
  co_return body;
}

task<result<void>> response_reading::read_unknown(parser_type& parser) {
  parser.eager(true);
  for (;;) {
    error_code failure;
    if (input_.size() > 0 && !ends_inside_last_chunk(parser, input_.size())) {
      input_.consume(parser.put(input_.cdata(), failure));
      if (failure && failure != beast_http::error::need_more)
        co_return refused(failure);
    }
    if (parser.is_done())
      co_return result<void>{};
    // Beast waits for the end of a chunk's head for ever.
    if (input_.size() > limits_.header)
      co_return make_error(errc::malformed, "the head of a chunk is too long");
    const auto stopped = co_await read_more();
    if (!stopped)
      continue;
    // Over TLS only a close_notify tells the end of a body from an attacker's cut.
    if (stopped != asio::error::eof || !parser.need_eof())
      co_return broken(stopped, "within its body");
    parser.put_eof(failure);
    if (failure)
      co_return refused(failure);
  }
}

task<result<received>> response_reading::read(bool without_body) {
  for (int interim = 0; interim < max_interim; ++interim) {
    parser_type parser;
    if (limits_.wipe)
      parser.get().body().wipe_when_freed();
    parser.header_limit(static_cast<std::uint32_t>(
        std::min<std::size_t>(limits_.header, std::numeric_limits<std::uint32_t>::max())));
    parser.body_limit(limits_.body);
    parser.skip(without_body);
    if (const auto head = co_await read_head(parser); !head)
      co_return head.error();
    // "020" has three digits, but is no status: a caller would neither retry nor believe it.
    if (parser.get().result_int() < 100)
      co_return make_error(errc::malformed,
                           "the answer is not valid HTTP: its status is below 100");
    if (parser.get().result_int() < 200)
      continue;

    received out;
    out.message.status = parser.get().result_int();
    for (const auto& field : parser.get())
      out.message.headers.add({field.name_string().data(), field.name_string().size()},
                              std::string{field.value()});
    if (!parser.is_done()) {
      const auto length = parser.content_length();
      if (length && !parser.chunked()) {
        auto body = co_await read_known(*length);
        if (!body)
          co_return body.error();
        out.message.body = std::move(*body);
      } else {
        if (const auto body = co_await read_unknown(parser); !body)
          co_return body.error();
        out.message.body = std::move(parser.get().body());
      }
    }
    // Bytes beyond the answer mean that both sides disagree on where it ends.
    out.reusable = parser.keep_alive() && input_.size() == 0;
    co_return out;
  }
  co_return make_error(errc::malformed, "the server sends interim answers without end");
}

} // namespace

task<result<received>> read_response(stream& from, boost::beast::flat_buffer& input,
                                     read_limits limits, bool without_body, bool* silent) {
  response_reading reading{from, input, limits};
  auto out = co_await reading.read(without_body);
  *silent = reading.silent();
  if (limits.wipe)
    wipe(input);
  co_return out;
}

} // namespace feedcast::http::detail
