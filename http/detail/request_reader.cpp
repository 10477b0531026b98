#include "http/detail/request_reader.hpp"

#include "http/detail/chunked.hpp"

#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <limits>
#include <string_view>

namespace feedcast::http::detail {

namespace {

namespace beast_http = boost::beast::http;
using parser_type = beast_http::request_parser<beast_http::string_body>;

constexpr std::size_t read_size = std::size_t{16} << 10;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

request_outcome gone() {
  return {};
}

request_outcome refuse(unsigned status, std::string reason) {
  request_outcome out;
  out.status = status;
  out.reason = std::move(reason);
  return out;
}

request_outcome refuse(const error_code& failure, const server_options& options) {
  if (failure == beast_http::error::header_limit)
    return refuse(431, "the head of the request is larger than "
                           + std::to_string(options.max_header) + " bytes");
  if (failure == beast_http::error::body_limit)
    return refuse(413, "the body of the request is larger than " + std::to_string(options.max_body)
                           + " bytes");
  return refuse(400, "the request is not valid HTTP: " + failure.message());
}

/// Feeds the parser until its head (or, once it is eager, all of it) is read. `ok` is empty on
/// success.
class request_reading {
 public:
  request_reading(stream& from, boost::beast::flat_buffer& input, const server_options& options,
                  watchdog& limit)
      : from_(from), input_(input), options_(options), limit_(limit) {}

  task<request_outcome> read(bool first);

 private:
  enum class step : std::uint8_t { done, gone, invalid };

  template <class Reached>
  task<step> feed(parser_type& parser, Reached reached);
  task<bool> invite_body(const parser_type& parser);
  request_outcome to_outcome(parser_type& parser) const;

  stream& from_;
  boost::beast::flat_buffer& input_;
  const server_options& options_;
  watchdog& limit_;
  bool started_ = false;
  error_code failure_;
};

template <class Reached>
task<request_reading::step> request_reading::feed(parser_type& parser, Reached reached) {
  while (!reached(parser)) {
    if (input_.size() > 0 && !std::exchange(started_, true))
      limit_.set(options_.header_timeout);
    if (input_.size() > 0 && !ends_inside_last_chunk(parser, input_.size())) {
      failure_ = {};
      input_.consume(parser.put(input_.cdata(), failure_));
      if (failure_ && failure_ != beast_http::error::need_more)
        co_return step::invalid;
      if (reached(parser))
        break;
      if (input_.size() > options_.max_header + read_size) {
        failure_ = beast_http::error::header_limit;
        co_return step::invalid;
      }
    }
    const auto [stopped, size] = co_await from_.read_some(input_.prepare(read_size));
    input_.commit(size);
    if (stopped)
      co_return step::gone;
  }
  co_return step::done;
}

/// Tells a client that asked first to send its body. False if the connection is gone.
task<bool> request_reading::invite_body(const parser_type& parser) {
  if (!iequals(view(parser.get()[beast_http::field::expect]), "100-continue"))
    co_return true;
  static constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  co_return !co_await from_.write(asio::buffer(go_on));
}

request_outcome request_reading::to_outcome(parser_type& parser) const {
  request_outcome out;
  out.keep_alive = parser.keep_alive();
  auto& message = out.message.message;
  message.method = view(parser.get().method_string());
  message.target = view(parser.get().target());
  for (const auto& field : parser.get())
    message.headers.add(view(field.name_string()), std::string{view(field.value())});
  message.body = std::move(parser.get().body());

  auto target = std::string_view{message.target};
  // A client that takes us for its proxy sends the absolute form.
  if (target.starts_with("http://") || target.starts_with("https://")) {
    const auto slash = target.find('/', target.find("://") + 3);
    target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
  }
  if (!target.starts_with('/') && target != "*")
    return refuse(400, "the request target must start with '/'");
  const auto mark = std::min(target.find('?'), target.size());
  out.message.path = target.substr(0, mark);
  out.message.query = target.substr(std::min(mark + 1, target.size()));
  out.complete = true;
  return out;
}

task<request_outcome> request_reading::read(bool first) {
  limit_.set(first ? options_.header_timeout : options_.idle_timeout);
  parser_type parser;
  parser.header_limit(static_cast<std::uint32_t>(
      std::min<std::size_t>(options_.max_header, std::numeric_limits<std::uint32_t>::max())));
  parser.body_limit(options_.max_body);

  auto stopped = co_await feed(parser, [](const parser_type& p) { return p.is_header_done(); });
  if (stopped == step::done && !parser.is_done()) {
    if (!co_await invite_body(parser))
      co_return gone();
    parser.eager(true);
    stopped = co_await feed(parser, [](const parser_type& p) { return p.is_done(); });
  }
  if (stopped == step::gone)
    co_return gone();
  if (stopped == step::invalid)
    co_return refuse(failure_, options_);
  co_return to_outcome(parser);
}

} // namespace

task<request_outcome> read_request(stream& from, boost::beast::flat_buffer& input,
                                   const server_options& options, watchdog& limit, bool first) {
  request_reading reading{from, input, options, limit};
  co_return co_await reading.read(first);
}

} // namespace feedcast::http::detail
