#include "perf/page_reader.hpp"

#include <boost/asio/co_spawn.hpp>

#include <charconv>
#include <exception>
#include <stdexcept>

namespace feedcast::perf {

namespace {

namespace asio = boost::asio;
using http::detail::task;
using http::detail::tcp;
using steady = std::chrono::steady_clock;

constexpr std::size_t first_room = std::size_t{256} << 10;

std::size_t number(std::string_view digits) {
  std::size_t n = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
  if (failure != std::errc{} || end != digits.data() + digits.size())
    throw std::runtime_error("not a number: " + std::string(digits));
  return n;
}

} // namespace

page_reader::page_reader(asio::io_context& io, std::uint16_t port, http::detail::tls_context* tls,
                         const feed_outline& feed)
    : io_(io), tls_(tls), feed_(feed), stream_(io.get_executor()), input_(first_room) {
  stream_.socket().connect({asio::ip::address_v4::loopback(), port});
  stream_.socket().set_option(tcp::no_delay{true});
}

void page_reader::go_to(std::size_t page) {
  next_ = page;
  etag_ = feed_.pages.at(page).after;
}

void page_reader::read_until(steady::time_point end, totals& sum) {
  spawn(read_pages(end, sum));
}

void page_reader::read_one(std::string_view continuation) {
  etag_ = continuation;
  spawn(read_page());
  io_.restart();
  io_.run();
}

/// A failure comes out of the io_context's run().
void page_reader::spawn(task<void> work) {
  asio::co_spawn(stream_.socket().get_executor(), std::move(work), [](std::exception_ptr failure) {
    if (failure)
      std::rethrow_exception(failure);
  });
}

std::string_view page_reader::answer() const noexcept {
  return {input_.data(), received_};
}

std::string_view page_reader::body() const noexcept {
  return answer().substr(head_);
}

std::string_view page_reader::field(std::string_view name) const {
  const auto head = answer().substr(0, head_);
  const auto at = head.find("\r\n" + std::string(name) + ": ");
  if (at == std::string_view::npos)
    throw std::runtime_error("no field " + std::string(name) + " in: " + std::string(head));
  const auto start = at + name.size() + 4;
  return head.substr(start, head.find('\r', start) - start);
}

task<void> page_reader::ensure_secure() {
  if (tls_ == nullptr || stream_.secure())
    co_return;
  if (const auto done = co_await stream_.handshake_as_client(*tls_, "localhost"); !done)
    throw std::runtime_error(to_string(done.error()));
}

task<void> page_reader::receive_some() {
  if (received_ == input_.size())
    input_.resize(2 * input_.size());
  const auto [failure, size] = co_await stream_.read_some(asio::buffer(input_) + received_);
  if (failure)
    throw std::runtime_error("reading a page: " + failure.message());
  received_ += size;
}

/// From `etag_` on, which afterwards is that of the page.
task<void> page_reader::read_page() {
  co_await ensure_secure();
  request_ = feed_.request;
  if (!etag_.empty())
    request_.append("If-None-Match: ").append(etag_).append("\r\n");
  request_ += "\r\n";
  if (const auto failure = co_await stream_.write(asio::buffer(request_)))
    throw std::runtime_error("sending a request: " + failure.message());

  constexpr std::string_view empty_line = "\r\n\r\n";
  received_ = 0;
  do {
    co_await receive_some();
    head_ = answer().find(empty_line);
  } while (head_ == std::string_view::npos);
  head_ += empty_line.size();
  if (!answer().starts_with("HTTP/1.1 200 "))
    throw std::runtime_error("not a page: " + std::string(answer()));
  const auto whole = head_ + number(field("Content-Length"));
  etag_ = field("etag");
  while (received_ < whole)
    co_await receive_some();
  if (received_ > whole)
    throw std::runtime_error("more was sent than an answer");
  if (!body().ends_with("],\"_count\":" + std::to_string(feed_.documents) + "}"))
    throw std::runtime_error("not a page of " + std::to_string(feed_.documents) + " documents");
}

task<void> page_reader::read_pages(steady::time_point end, totals& sum) {
  do {
    co_await read_page();
    if (body().size() != feed_.pages[next_].bytes)
      throw std::runtime_error("page " + std::to_string(next_) + " has "
                               + std::to_string(body().size()) + " bytes");
    ++sum.pages;
    sum.bytes += body().size();
    if (++next_ == feed_.pages.size()) {
      next_ = 0;
      etag_.clear();
    }
  } while (steady::now() < end);
}

} // namespace feedcast::perf
