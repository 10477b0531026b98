#include "tests/couchdb/replay_answer.hpp"

#include "tests/couchdb/transcript.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace feedcast::test {

namespace {

std::string hexadecimal(std::size_t n) {
  char digits[16];
  const auto [end, bad] = std::to_chars(digits, digits + sizeof digits, n, 16);
  return {digits, end};
}

} // namespace

replay replay::of(const std::string& exchange, std::size_t request) {
  const auto& from = recorded(exchange);
  replay made;
  made.pieces_ = from.answer(request);
  if (from.reset_by_server())
    made.ending_ = end::reset;
  else if (from.closed_by_server())
    made.ending_ = end::close;
  return made;
}

replay replay::bytes(std::string bytes) {
  replay made;
  made.pieces_ = {std::move(bytes)};
  return made;
}

replay replay::json(unsigned status, const std::string& body, const std::string& headers) {
  return bytes("HTTP/1.1 " + std::to_string(status)
               + " Status\r\nContent-Type: application/json\r\nContent-Length: "
               + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + body);
}

replay replay::chunked(const std::vector<std::string>& body) {
  auto made = bytes(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (const auto& piece : body)
    made.pieces_.push_back(hexadecimal(piece.size()) + "\r\n" + piece + "\r\n");
  return made;
}

replay replay::nothing() {
  replay made;
  made.ending_ = end::close;
  return made;
}

replay replay::then(const replay& other) && {
  const auto before = size();
  for (const auto offset : other.stalls_)
    stalls_.push_back(before + offset);
  pieces_.insert(pieces_.end(), other.pieces_.begin(), other.pieces_.end());
  ending_ = other.ending_;
  return std::move(*this);
}

replay replay::with(const std::string& is, const std::string& was) && {
  bool found = false;
  for (auto& piece : pieces_)
    for (auto at = piece.find(is); at != piece.npos; at = piece.find(is, at + was.size())) {
      piece.replace(at, is.size(), was);
      found = true;
    }
  if (!found)
    throw std::runtime_error("no piece of the answer holds: " + is);
  return std::move(*this);
}

replay replay::in_pieces_of(std::size_t size) && {
  const auto all = text();
  pieces_.clear();
  for (std::size_t at = 0; at < all.size(); at += size)
    pieces_.push_back(all.substr(at, size));
  return std::move(*this);
}

replay replay::in_one_piece() && {
  pieces_ = {text()};
  return std::move(*this);
}

replay replay::cut_at(const std::vector<std::size_t>& offsets) && {
  const auto all = text();
  pieces_.clear();
  std::size_t from = 0;
  for (const auto to : offsets) {
    pieces_.push_back(all.substr(from, to - from));
    from = to;
  }
  pieces_.push_back(all.substr(from));
  std::erase_if(pieces_, [](const auto& p) { return p.empty(); });
  return std::move(*this);
}

replay replay::only(std::size_t size) && {
  for (auto& piece : pieces_) {
    piece.resize(std::min(piece.size(), size));
    size -= piece.size();
  }
  std::erase_if(pieces_, [](const auto& p) { return p.empty(); });
  return std::move(*this);
}

replay replay::closing() && {
  ending_ = end::close;
  return std::move(*this);
}

replay replay::resetting() && {
  ending_ = end::reset;
  return std::move(*this);
}

replay replay::staying() && {
  ending_ = end::stay;
  return std::move(*this);
}

replay replay::stalling_after(std::size_t size) && {
  stalls_.insert(std::ranges::upper_bound(stalls_, size), size);
  return std::move(*this);
}

replay replay::stalling() && {
  const auto all = size();
  return std::move(*this).stalling_after(all);
}

replay replay::going_on(more next, std::chrono::milliseconds period) && {
  next_ = std::move(next);
  period_ = period;
  return std::move(*this);
}

bool replay::ask_for_more(bool quiet) {
  stalls_.clear();
  pieces_ = {next_(quiet)};
  return !pieces_.front().empty();
}

std::string replay::text() const {
  return std::accumulate(pieces_.begin(), pieces_.end(), std::string{});
}

std::size_t replay::size() const noexcept {
  return std::accumulate(pieces_.begin(), pieces_.end(), std::size_t{0},
                         [](std::size_t n, const auto& p) { return n + p.size(); });
}

} // namespace feedcast::test
