#include "http/client.hpp"

#include "http/detail/call_gate.hpp"
#include "http/detail/connector.hpp"
#include "http/detail/request_text.hpp"
#include "http/detail/response_reader.hpp"
#include "http/detail/runtime_impl.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <optional>
#include <unordered_set>
#include <vector>

namespace feedcast::http {

namespace {

using namespace detail;
using clock = std::chrono::steady_clock;

struct connection {
  explicit connection(const executor& ex) : io(ex) { input.reserve(read_size); }

  stream io;
  boost::beast::flat_buffer input;
  steady_time idle_since;
};

using connection_ptr = std::unique_ptr<connection>;

/// One request on its way, from send() to its answer.
struct exchange {
  exchange(const executor& ex, request r, milliseconds limit, callback<response> f)
      : message(std::move(r)), deadline(limit), done(std::move(f)), alarm(ex) {}

  request message;
  milliseconds deadline;
  callback<response> done; ///< empty once answered
  steady_timer alarm;
  std::string head;
  connection* on = nullptr; ///< where it runs, to cut it off
  const char* step = "waiting for a free connection";
};

using exchange_ptr = std::shared_ptr<exchange>;

error within(const std::string& where, error e) {
  e.detail.insert(0, where + ": ");
  return e;
}

bool is_idempotent(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

} // namespace

/// Everything of one client happens on one thread of the runtime, so nothing here needs a lock.
struct client::impl : std::enable_shared_from_this<impl> {
  impl(executor on, origin server, client_options wanted);

  void start(const exchange_ptr& x);
  void close();

  executor ex;
  client_options options;
  connect_plan plan;
  std::optional<error> unusable; ///< bad options: the answer to every request
  call_gate gate;

 private:
  void launch(const exchange_ptr& x);
  task<result<response>> run(exchange_ptr x);
  /// One try. `*stale` is set if a pooled connection turned out to be dead before any byte came.
  task<result<response>> attempt(exchange& x, connection_ptr& line, bool* stale);
  void expire(const exchange_ptr& x);
  void finish(exchange& x, result<response> answer);
  void release();
  connection_ptr take_idle();
  void keep(connection_ptr line);
  void drop_expired();
  void watch_idle();

  bool closed_ = false;
  std::size_t busy_ = 0;                     ///< requests that hold a connection or make one
  std::vector<connection_ptr> idle_;         ///< the last one is the warmest
  std::deque<exchange_ptr> waiting_;         ///< for a connection, first come first served
  std::unordered_set<exchange_ptr> running_; ///< those that `busy_` counts
  steady_timer idle_alarm_;
  bool idle_watched_ = false;
};

client::impl::impl(executor on, origin server, client_options wanted)
    : ex(std::move(on)), options(std::move(wanted)), idle_alarm_(ex) {
  plan.server = std::move(server);
  options.idle_timeout = std::min(options.idle_timeout, longest_wait);
  plan.timeout = options.connect_timeout;
  auto route = choose_proxy(plan.server, options.proxy, process_environment);
  if (!route)
    unusable = route.error();
  else
    plan.proxy = std::move(*route);
  if (plan.server.secure()) {
    auto tls = make_client_tls(options.ca_file);
    if (!tls)
      unusable = tls.error();
    else
      plan.tls = std::move(*tls);
  }
}

void client::impl::start(const exchange_ptr& x) {
  if (closed_)
    return;
  auto head = write_head(x->message, plan.server, plan.proxy);
  if (unusable || !head) {
    finish(*x, unusable ? *unusable : head.error());
    return;
  }
  x->head = std::move(*head);
  x->alarm.expires_at(from_now(x->deadline));
  x->alarm.async_wait([me = shared_from_this(), x](error_code failure) {
    if (!failure)
      me->expire(x);
  });
  if (busy_ < std::max<std::size_t>(options.max_connections, 1))
    launch(x);
  else
    waiting_.push_back(x);
}

void client::impl::launch(const exchange_ptr& x) {
  ++busy_;
  running_.insert(x);
  asio::co_spawn(ex, run(x),
                 [me = shared_from_this(), x](std::exception_ptr thrown, result<response> answer) {
                   me->running_.erase(x);
                   if (thrown)
                     answer = make_error(errc::internal, "an exception while handling a request");
                   me->finish(*x, std::move(answer));
                   me->release();
                 });
}

task<result<response>> client::impl::run(exchange_ptr x) {
  auto line = take_idle();
  if (line) {
    bool stale = false;
    auto answer = co_await attempt(*x, line, &stale);
    if (!stale || !x->done || !is_idempotent(x->message.method))
      co_return answer;
  }
  line = std::make_unique<connection>(ex);
  x->on = line.get();
  x->step = "connecting";
  const auto connected = co_await connect(line->io, plan);
  if (!connected)
    co_return connected.error();
  bool stale = false;
  co_return co_await attempt(*x, line, &stale);
}

task<result<response>> client::impl::attempt(exchange& x, connection_ptr& line, bool* stale) {
  x.on = line.get();
  x.step = "waiting for the answer";
  const auto started = clock::now();
  const auto unsent = co_await line->io.write(asio::buffer(x.head), asio::buffer(x.message.body));
  // Even if not all was sent: a server may answer (413, say) before it has read everything, and
  // then close.
  bool silent = false;
  auto got = co_await read_response(line->io, line->input,
                                    {options.max_header, options.max_body, x.message.secret_answer},
                                    x.message.method == "HEAD", &silent);
  x.on = nullptr;
  if (!got) {
    *stale = silent;
    if (unsent && silent)
      co_return make_error(errc::unavailable, "sending: " + unsent.message());
    co_return got.error();
  }
  got->message.elapsed = std::chrono::duration_cast<milliseconds>(clock::now() - started);
  if (got->reusable && !unsent)
    keep(std::move(line));
  co_return std::move(got->message);
}

void client::impl::expire(const exchange_ptr& x) {
  std::erase(waiting_, x);
  auto* line = x->on;
  finish(*x, make_error(errc::timeout, "no answer within " + std::to_string(x->deadline.count())
                                           + " ms (" + x->step + ")"));
  if (line != nullptr)
    line->io.close();
}

void client::impl::finish(exchange& x, result<response> answer) {
  if (!x.done)
    return;
  const auto done = std::exchange(x.done, nullptr);
  x.alarm.cancel();
  if (!answer)
    answer = within(plan.server.to_string(), answer.error());
  if (const call_gate::pass open{gate}; open)
    done(std::move(answer));
}

void client::impl::release() {
  --busy_;
  if (closed_ || waiting_.empty())
    return;
  const auto next = std::move(waiting_.front());
  waiting_.pop_front();
  launch(next);
}

connection_ptr client::impl::take_idle() {
  while (!idle_.empty()) {
    auto line = std::move(idle_.back());
    idle_.pop_back();
    if (clock::now() - line->idle_since < options.idle_timeout && !line->io.stale())
      return line;
  }
  return nullptr;
}

void client::impl::keep(connection_ptr line) {
  if (closed_)
    return;
  line->idle_since = clock::now();
  idle_.push_back(std::move(line));
  watch_idle();
}

void client::impl::drop_expired() {
  const auto oldest = clock::now() - options.idle_timeout;
  const auto fresh = std::find_if(idle_.begin(), idle_.end(),
                                  [&](const auto& line) { return line->idle_since > oldest; });
  idle_.erase(idle_.begin(), fresh);
}

/// The coldest connections are at the front and never used again under light load: without this
/// they would stay half-closed for ever.
void client::impl::watch_idle() {
  if (idle_watched_ || idle_.empty() || closed_)
    return;
  idle_watched_ = true;
  idle_alarm_.expires_at(idle_.front()->idle_since + options.idle_timeout);
  idle_alarm_.async_wait([me = weak_from_this()](error_code failure) {
    const auto self = me.lock();
    if (!self || failure)
      return;
    self->idle_watched_ = false;
    self->drop_expired();
    self->watch_idle();
  });
}

void client::impl::close() {
  closed_ = true;
  idle_alarm_.cancel();
  idle_.clear();
  for (const auto& x : std::exchange(waiting_, {}))
    x->alarm.cancel();
  for (const auto& x : running_) {
    x->alarm.cancel();
    x->done = nullptr;
    if (x->on != nullptr)
      x->on->io.close();
  }
}

client::client(runtime& io, origin server, client_options options)
    : impl_(std::make_shared<impl>(io.get().next(), std::move(server), std::move(options))) {}

client::~client() {
  impl_->gate.close();
  asio::post(impl_->ex, [me = impl_] { me->close(); });
}

void client::send(request r, milliseconds deadline, callback<response> done) {
  auto x = std::make_shared<exchange>(impl_->ex, std::move(r), deadline, std::move(done));
  asio::post(impl_->ex, [me = impl_, x = std::move(x)] { me->start(x); });
}

const origin& client::server() const noexcept {
  return impl_->plan.server;
}

} // namespace feedcast::http
