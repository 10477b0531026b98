#include "tests/couchdb/replay_connection.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <linux/sockios.h>
#include <sstream>
#include <sys/ioctl.h>

namespace feedcast::test {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::map<std::string, std::string> parameters(std::string_view query) {
  std::map<std::string, std::string> all;
  while (!query.empty()) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    all.emplace(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())));
  }
  return all;
}

heard_request parse_head(const std::string& head) {
  heard_request r;
  std::istringstream lines{head};
  std::string target;
  lines >> r.method >> target;
  const auto question = std::min(target.find('?'), target.size());
  r.path = target.substr(0, question);
  r.query = parameters(std::string_view{target}.substr(std::min(question + 1, target.size())));
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line) && line != "\r") {
    const auto colon = line.find(':');
    auto name = line.substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
    auto value = colon == line.npos ? "" : line.substr(colon + 1);
    value.erase(0, value.find_first_not_of(' '));
    while (value.ends_with('\r'))
      value.pop_back();
    r.headers[name] = value;
  }
  return r;
}

std::size_t length_of(const heard_request& r) {
  const auto text = r.header("content-length");
  std::size_t n = 0;
  std::from_chars(text.data(), text.data() + text.size(), n);
  return n;
}

} // namespace

replay replay_state::answer_to(heard_request r) {
  std::function<replay(const heard_request&)> made;
  {
    const std::lock_guard lock{mutex};
    requests.push_back(r);
    changed.notify_all();
    for (rule& candidate : rules) {
      if (!candidate.shape.fits(r))
        continue;
      if (!candidate.once.empty()) {
        auto answer = std::move(candidate.once.front());
        candidate.once.pop_front();
        return answer;
      }
      if (!made)
        made = candidate.always;
    }
    if (!made)
      unexpected.push_back(r);
  }
  return made ? made(r)
              : replay::json(500, R"({"error":"replay","reason":"no rule is for this request"})");
}

replay_connection::replay_connection(asio::ip::tcp::socket socket, replay_state& state,
                                     std::size_t number)
    : socket_(std::move(socket)), timer_(socket_.get_executor()), state_(state), number_(number) {
  error_code ignored;
  socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
  // What a client doesn't take is to be seen soon.
  socket_.set_option(asio::socket_base::send_buffer_size{131072}, ignored);
}

void replay_connection::read() {
  if (answering_ || take_request())
    return;
  socket_.async_read_some(asio::buffer(block_),
                          [self = shared_from_this()](error_code failed, std::size_t n) {
                            if (failed)
                              return self->end(replay::end::close);
                            self->received_.append(self->block_, 0, n);
                            self->read();
                          });
}

bool replay_connection::take_request() {
  const auto head = received_.find("\r\n\r\n");
  if (head == received_.npos)
    return false;
  auto r = parse_head(received_.substr(0, head + 2));
  const auto whole = head + 4 + length_of(r);
  if (received_.size() < whole)
    return false;
  r.body = received_.substr(head + 4, whole - head - 4);
  r.connection = number_;
  received_.erase(0, whole);
  say(state_.answer_to(std::move(r)));
  return true;
}

void replay_connection::say(replay answer) {
  answer_ = std::move(answer);
  piece_ = piece_said_ = said_ = stalls_done_ = 0;
  answering_ = true;
  watch_for_end();
  next_piece();
}

void replay_connection::watch_for_end() {
  // While an answer is given nothing is asked, so that what can be read is the client's end.
  socket_.async_wait(asio::socket_base::wait_read, [self = shared_from_this()](error_code failed) {
    if (failed || !self->answering_)
      return;
    error_code broken;
    const auto n = self->socket_.available(broken);
    if (broken || n == 0)
      self->end(replay::end::close);
  });
}

void replay_connection::next_piece() {
  if (!socket_.is_open())
    return;
  const auto& stalls = answer_.stalls();
  while (piece_ < answer_.pieces().size() && piece_said_ == answer_.pieces()[piece_].size()) {
    ++piece_;
    piece_said_ = 0;
  }
  if (stalls_done_ < stalls.size() && stalls[stalls_done_] == said_) {
    if (!stalled_) {
      stalled_ = true;
      const std::lock_guard lock{state_.mutex};
      ++state_.stalled;
      state_.changed.notify_all();
    }
    return resume();
  }
  if (piece_ < answer_.pieces().size())
    return write();
  if (answer_.goes_on())
    return say_more(false);
  answering_ = false;
  if (answer_.ending() != replay::end::stay)
    return end(answer_.ending());
  asio::post(socket_.get_executor(), [self = shared_from_this()] {
    self->socket_.cancel(); // the wait for its end
    self->read();
  });
}

void replay_connection::say_more(bool quiet) {
  waiting_ = !answer_.ask_for_more(quiet);
  if (!waiting_) {
    piece_ = piece_said_ = 0;
    return next_piece();
  }
  timer_.expires_after(answer_.period());
  timer_.async_wait([self = shared_from_this()](error_code canceled) {
    if (!canceled && self->waiting_ && self->answering_)
      self->say_more(true);
  });
}

void replay_connection::poke() {
  if (waiting_ && answering_)
    say_more(false);
}

void replay_connection::resume() {
  if (!stalled_)
    return;
  {
    const std::lock_guard lock{state_.mutex};
    if (state_.credits == 0)
      return;
    --state_.credits;
    --state_.stalled;
    state_.changed.notify_all();
  }
  stalled_ = false;
  ++stalls_done_;
  next_piece();
}

void replay_connection::write() {
  const auto& stalls = answer_.stalls();
  const auto rest = std::string_view{answer_.pieces()[piece_]}.substr(piece_said_);
  auto most = rest.size();
  if (stalls_done_ < stalls.size())
    most = std::min(most, stalls[stalls_done_] - said_);
  {
    const std::lock_guard lock{state_.mutex};
    ++state_.writing;
  }
  socket_.async_write_some(asio::buffer(rest.data(), most), [self = shared_from_this()](
                                                                error_code failed, std::size_t n) {
    {
      const std::lock_guard lock{self->state_.mutex};
      --self->state_.writing;
      self->state_.written += n;
      self->state_.changed.notify_all();
    }
    self->piece_said_ += n;
    self->said_ += n;
    if (failed)
      return self->end(replay::end::close);
    // Behind what is ready by now: a client in the same process gets its turn.
    asio::post(self->socket_.get_executor(), [self] { self->next_piece(); });
  });
}

void replay_connection::end(replay::end how) {
  error_code ignored;
  if (how == replay::end::reset)
    socket_.set_option(asio::socket_base::linger{true, 0}, ignored);
  else
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  socket_.close(ignored);
  timer_.cancel();
  answering_ = waiting_ = false;
  const std::lock_guard lock{state_.mutex};
  if (stalled_)
    --state_.stalled;
  stalled_ = false;
  state_.open.erase(shared_from_this());
  state_.changed.notify_all();
}

std::size_t replay_connection::in_flight() {
  int n = 0;
  if (!socket_.is_open() || ::ioctl(socket_.native_handle(), SIOCOUTQ, &n) != 0)
    return 0;
  return static_cast<std::size_t>(std::max(n, 0));
}

} // namespace feedcast::test
