#include "http/detail/session.hpp"

#include "core/log.hpp"
#include "http/detail/response_text.hpp"
#include "http/router.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

#include <array>
#include <atomic>
#include <exception>
#include <utility>
#include <vector>

namespace feedcast::http::detail {

namespace {

/// How long a client may take to read a last answer before it is cut off.
constexpr milliseconds goodbye_timeout{1'000};

server_response internal_error(std::string_view why) {
  return json_error(500, "InternalServerError", why);
}

/// The right to answer one request, once. If all copies of the responder go away unused, the client
/// gets a 500 instead of waiting for ever.
class answer_slot {
 public:
  explicit answer_slot(std::weak_ptr<session> to) : to_(std::move(to)) {}

  ~answer_slot() {
    if (!used_)
      answer(internal_error("the handler gave no answer"));
  }

  answer_slot(const answer_slot&) = delete;
  answer_slot& operator=(const answer_slot&) = delete;

  void answer(server_response r) {
    if (used_.exchange(true))
      return;
    if (const auto s = to_.lock())
      s->deliver(std::move(r));
  }

 private:
  std::weak_ptr<session> to_;
  std::atomic<bool> used_{false};
};

std::string describe(const tcp_socket& socket) {
  error_code failure;
  const auto end = socket.remote_endpoint(failure);
  if (failure)
    return {};
  const auto address = end.address().to_string();
  return (end.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(end.port());
}

} // namespace

bool server_core::admit(const std::shared_ptr<session>& s) {
  std::vector<std::shared_ptr<session>> seen; // let go after the lock, which a session's end takes
  const std::lock_guard lock{mutex_};
  if (closed_ || (sessions_.size() >= options.max_connections && !make_room(seen)))
    return false;
  sessions_.emplace(s.get(), s);
  return true;
}

/// Looks through all of them instead of keeping a queue: this is rare, and every request would pay
/// for the queue.
bool server_core::make_room(std::vector<std::shared_ptr<session>>& seen) {
  session* longest = nullptr;
  for (const auto& [key, s] : sessions_) {
    auto& alive = seen.emplace_back(s.lock());
    if (alive && (longest == nullptr || alive->waiting_since() < longest->waiting_since()))
      longest = alive.get();
  }
  if (longest == nullptr || longest->waiting_since() == steady_time::max())
    return false;
  sessions_.erase(longest);
  longest->close();
  return true;
}

void server_core::forget(const session* s) {
  const std::lock_guard lock{mutex_};
  sessions_.erase(s);
}

void server_core::close_all() {
  std::vector<std::shared_ptr<session>> open;
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
    for (const auto& [key, s] : sessions_)
      if (auto alive = s.lock())
        open.push_back(std::move(alive));
  }
  for (const auto& s : open)
    s->close();
}

session::session(tcp_socket socket, std::shared_ptr<server_core> core)
    : io_(std::move(socket))
    , core_(std::move(core))
    , limit_(io_.socket().get_executor(), [this] { io_.close(); })
    , wake_(io_.socket().get_executor()) {}

session::~session() {
  core_->forget(this);
}

void session::start() {
  asio::co_spawn(
      io_.socket().get_executor(), [me = shared_from_this()] { return me->run(); }, asio::detached);
}

void session::close() {
  asio::post(wake_.get_executor(), [me = shared_from_this()] { me->close_now(); });
}

void session::deliver(server_response answer) {
  asio::dispatch(wake_.get_executor(),
                 [me = shared_from_this(), answer = std::move(answer)]() mutable {
                   me->answer_ = std::move(answer);
                   me->wake_.cancel();
                 });
}

void session::close_now() {
  io_.close();
  wake_.cancel();
}

task<void> session::run() {
  error_code ignored;
  io_.socket().set_option(tcp::no_delay{true}, ignored);
  peer_ = describe(io_.socket());
  if (core_->tls.context) {
    limit_.set(core_->options.header_timeout);
    if (co_await io_.handshake_as_server(*core_->tls.context))
      co_return;
  }
  auto first = true;
  while (!io_.closed() && co_await serve_one(std::exchange(first, false)))
    continue;
  if (!io_.closed())
    co_await say_goodbye();
}

/// Reads and answers one request; false if the connection should end.
task<bool> session::serve_one(bool first) {
  auto got = co_await read_request(io_, input_, core_->options, limit_, first);
  limit_.clear();
  if (!got.complete) {
    if (got.status != 0)
      co_await refuse(got);
    else
      io_.close();
    co_return false;
  }

  const auto is_head = got.message.message.method == "HEAD";
  answer_.reset();
  waiting_since_ = steady_time::max();
  ask(std::move(got.message));
  while (!answer_ && !io_.closed()) {
    wake_.expires_at(steady_time::max());
    co_await wake_.async_wait(use_task);
  }
  if (io_.closed())
    co_return false;
  const auto answer = std::move(*answer_);
  if (answer.delay.count() > 0) {
    wake_.expires_at(from_now(answer.delay));
    co_await wake_.async_wait(use_task);
  }
  const auto keep = got.keep_alive && !iequals(answer.headers.get("Connection"), "close");
  co_return co_await write(answer, is_head, keep);
}

task<void> session::refuse(const request_outcome& bad) {
  static constexpr std::array<std::pair<unsigned, const char*>, 3> codes{
      {{400, "BadRequest"}, {413, "RequestEntityTooLarge"}, {431, "RequestHeaderTooLarge"}}};
  std::string_view code = "BadRequest";
  for (const auto& [status, name] : codes)
    if (status == bad.status)
      code = name;
  const auto answer = json_error(bad.status, code, bad.reason);
  co_await write(answer, false, false);
}

void session::ask(server_request r) {
  const call_gate::pass open{core_->gate};
  if (!open) {
    close_now();
    return;
  }
  r.peer = peer_;
  const auto slot = std::make_shared<answer_slot>(weak_from_this());
  try {
    core_->on_request(std::move(r), [slot](server_response a) { slot->answer(std::move(a)); });
  } catch (const std::exception& e) {
    log::error("an http handler threw", {{"what", e.what()}});
    slot->answer(internal_error("the handler failed"));
  }
}

task<error_code> session::write_slowly(const server_response& answer, std::string_view bytes) {
  while (!bytes.empty() && !io_.closed()) {
    const auto piece = std::min(bytes.size(), answer.drip);
    limit_.set(core_->options.idle_timeout);
    if (const auto failure = co_await io_.write(asio::buffer(bytes.data(), piece)))
      co_return failure;
    bytes.remove_prefix(piece);
    if (bytes.empty())
      break;
    wake_.expires_at(from_now(answer.pause));
    co_await wake_.async_wait(use_task);
  }
  co_return io_.closed() ? asio::error::operation_aborted : error_code{};
}

/// False if the connection should end.
task<bool> session::write(const server_response& answer, bool is_head, bool keep_alive) {
  const auto head = write_head(answer, core_->options.server_name, keep_alive);
  const auto body = is_head || !may_have_body(answer.status) ? std::string_view{} : body_of(answer);
  const auto total = head.size() + body.size();
  const auto size = std::min(total, answer.cut_after);
  const auto from_head = std::min(size, head.size());
  // A client that does not read would hold the answer in memory for ever.
  limit_.set(core_->options.idle_timeout);
  waiting_since_ = std::chrono::steady_clock::now();
  error_code failure;
  if (answer.drip > 0) {
    const auto bytes = (head + std::string(body)).substr(0, size);
    failure = co_await write_slowly(answer, bytes);
  } else {
    failure = co_await io_.write(asio::buffer(head.data(), from_head),
                                 asio::buffer(body.data(), size - from_head));
  }
  limit_.clear();
  if (answer.reset)
    io_.reset();
  else if (failure || size < total)
    io_.close();
  else if (answer.told_length)
    co_return false;
  co_return keep_alive && !io_.closed();
}

/// Closing at once while the client still sends would destroy the last answer on its way (RST), so
/// what comes is read and dropped for a moment.
task<void> session::say_goodbye() {
  limit_.set(goodbye_timeout);
  co_await io_.finish();
  std::array<char, 4096> dropped{};
  for (;;) {
    const auto [failure, size] =
        co_await io_.socket().async_read_some(asio::buffer(dropped), use_task);
    if (failure)
      break;
  }
  io_.close();
}

} // namespace feedcast::http::detail
