#pragma once

#include "core/result.hpp"
#include "http/detail/net.hpp"
#include "http/detail/stream.hpp"
#include "http/message.hpp"

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace feedcast::http::detail {

/// Hands on the parts of a body as they come, in a buffer that its owner empties.
struct passing_body {
  using value_type = std::string;

  class reader {
   public:
    template <bool IsRequest, class Fields>
    reader(boost::beast::http::header<IsRequest, Fields>&, value_type& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>&, error_code& failure) { failure = {}; }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, error_code& failure) {
      std::size_t size = 0;
      for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
           ++at) {
        const asio::const_buffer piece{*at};
        body_.append(static_cast<const char*>(piece.data()), piece.size());
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

/// Reads one answer of any length from `from`, piece by piece. Used on one thread.
class body_reader {
 public:
  /// `wipe`: the body is secret, see request::secret_answer.
  body_reader(stream& from, std::size_t max_header, bool wipe);
  ~body_reader();
  body_reader(const body_reader&) = delete;
  body_reader& operator=(const body_reader&) = delete;

  /// Errors as of read_response.
  task<result<void>> read_head();

  /// True if not one byte came.
  bool silent() const noexcept { return silent_; }

  unsigned status() const noexcept { return status_; }

  const header_list& headers() const noexcept { return headers_; }

  /// Reads until there is news; one at a time.
  task<void> fill();

  /// True if take() has something to say.
  bool has_news() const noexcept { return !parser_->get().body().empty() || ended_ || failure_; }

  /// The bytes that came, which live until the next call; empty = the body is complete.
  result<std::string_view> take();

  void fail(error e) { failure_ = std::move(e); }

 private:
  using parser_type = boost::beast::http::response_parser<passing_body>;

  void renew_parser();
  task<error_code> read_more();
  /// Feeds the parser what is there; the error of its bytes, if they have one.
  std::optional<error> parse();
  void wipe_input();

  stream& from_;
  const std::size_t max_header_;
  const bool wipe_;
  boost::beast::flat_buffer input_;
  std::optional<parser_type> parser_;
  std::string piece_; ///< handed out
  unsigned status_ = 0;
  header_list headers_;
  bool silent_ = true;
  bool ended_ = false;
  std::optional<error> failure_;
};

} // namespace feedcast::http::detail
