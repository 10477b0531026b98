#include "http/streaming_client.hpp"

#include "http/detail/body_reader.hpp"
#include "http/detail/call_gate.hpp"
#include "http/detail/connector.hpp"
#include "http/detail/request_text.hpp"
#include "http/detail/runtime_impl.hpp"
#include "http/detail/tls.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <exception>
#include <optional>
#include <unordered_set>
#include <utility>

namespace feedcast::http {

namespace {

using namespace detail;

error within(const std::string& where, error e) {
  e.detail.insert(0, where + ": ");
  return e;
}

/// One connection and the answer on it. All happens on the thread of its executor.
class line : public std::enable_shared_from_this<line> {
 public:
  line(const executor& ex, std::shared_ptr<const connect_plan> plan, std::size_t max_header,
       bool wipe)
      : ex_(ex), plan_(std::move(plan)), io_(ex), answer_(io_, max_header, wipe), alarm_(ex) {}

  /// Sends, and reads the head of the answer. This outlives the task.
  task<result<void>> start(std::string head, std::string body);

  /// Any thread.
  void read(milliseconds wait, callback<std::string_view> done) {
    asio::post(ex_, [me = shared_from_this(), wait, done = std::move(done)]() mutable {
      me->begin(wait, std::move(done));
    });
  }

  /// Any thread; no answer comes once it has returned.
  void end() {
    gate_.close();
    asio::post(ex_, [me = shared_from_this()] { me->cut(); });
  }

  /// Its thread: whatever runs ends with an error.
  void cut() {
    alarm_.cancel();
    waiting_ = nullptr;
    io_.close();
  }

  const body_reader& answer() const noexcept { return answer_; }

  /// What it is doing, for texts.
  const char* step = "connecting";

 private:
  void begin(milliseconds wait, callback<std::string_view> done);
  void tell();

  const executor ex_;
  const std::shared_ptr<const connect_plan> plan_;
  stream io_;
  body_reader answer_;
  steady_timer alarm_;
  call_gate gate_;
  callback<std::string_view> waiting_; ///< empty: nobody waits
  bool filling_ = false;               ///< a read of the connection is under way
};

task<result<void>> line::start(std::string head, std::string body) {
  if (const auto connected = co_await connect(io_, *plan_); !connected)
    co_return connected.error();
  step = "waiting for the answer";
  const auto unsent = co_await io_.write(asio::buffer(head), asio::buffer(body));
  auto read = co_await answer_.read_head();
  if (!read && unsent && answer_.silent())
    co_return make_error(errc::unavailable, "sending: " + unsent.message());
  co_return read;
}

void line::begin(milliseconds wait, callback<std::string_view> done) {
  if (io_.closed())
    return;
  waiting_ = std::move(done);
  if (!filling_ && answer_.has_news())
    return tell();
  alarm_.expires_at(from_now(wait));
  alarm_.async_wait([me = shared_from_this(), wait](error_code failure) {
    // A timer that fired may be told after the next one was set.
    if (failure || !me->waiting_ || me->alarm_.expiry() > std::chrono::steady_clock::now())
      return;
    const auto late = std::exchange(me->waiting_, nullptr);
    if (const call_gate::pass open{me->gate_}; open)
      late(make_error(errc::timeout, me->plan_->server.to_string() + ": nothing came within "
                                         + std::to_string(wait.count()) + " ms"));
  });
  if (filling_)
    return;
  filling_ = true;
  asio::co_spawn(ex_, answer_.fill(), [me = shared_from_this()](const std::exception_ptr& thrown) {
    me->filling_ = false;
    if (thrown)
      me->answer_.fail(make_error(errc::internal, "an exception while reading an answer"));
    if (me->waiting_)
      me->tell();
  });
}

void line::tell() {
  alarm_.cancel();
  const auto done = std::exchange(waiting_, nullptr);
  auto news = answer_.take();
  if (!news)
    news = within(plan_->server.to_string(), news.error());
  if (const call_gate::pass open{gate_}; open)
    done(news);
}

using line_ptr = std::shared_ptr<line>;

/// What the user holds; its end is the connection's.
class held_stream final : public body_stream {
 public:
  explicit held_stream(line_ptr on) : on_(std::move(on)) {}

  ~held_stream() override { on_->end(); }

  held_stream(const held_stream&) = delete;
  held_stream& operator=(const held_stream&) = delete;

  unsigned status() const noexcept override { return on_->answer().status(); }

  const header_list& headers() const noexcept override { return on_->answer().headers(); }

  void read(milliseconds wait, callback<std::string_view> done) override {
    on_->read(wait, std::move(done));
  }

 private:
  const line_ptr on_;
};

/// One request on its way to the head of its answer.
struct opening {
  opening(line_ptr l, callback<body_stream_ptr> f, const executor& ex)
      : on(std::move(l)), done(std::move(f)), alarm(ex) {}

  line_ptr on;
  callback<body_stream_ptr> done; ///< empty once answered
  steady_timer alarm;
};

using opening_ptr = std::shared_ptr<opening>;

} // namespace

struct streaming_client::impl : std::enable_shared_from_this<impl> {
  impl(executor on, origin server, client_options wanted);

  void start(request r, milliseconds deadline, callback<body_stream_ptr> done);
  void close();

  executor ex;
  call_gate gate;

 private:
  void finish(const opening_ptr& o, result<void> head);

  client_options options_;
  std::shared_ptr<connect_plan> plan_ = std::make_shared<connect_plan>();
  std::optional<error> unusable_; ///< bad options: the answer to every request
  std::unordered_set<opening_ptr> running_;
  bool closed_ = false;
};

streaming_client::impl::impl(executor on, origin server, client_options wanted)
    : ex(std::move(on)), options_(std::move(wanted)) {
  plan_->server = std::move(server);
  plan_->timeout = options_.connect_timeout;
  auto route = choose_proxy(plan_->server, options_.proxy, process_environment);
  if (!route)
    unusable_ = route.error();
  else
    plan_->proxy = std::move(*route);
  if (plan_->server.secure()) {
    auto tls = make_client_tls(options_.ca_file);
    if (!tls)
      unusable_ = tls.error();
    else
      plan_->tls = std::move(*tls);
  }
}

void streaming_client::impl::start(request r, milliseconds deadline,
                                   callback<body_stream_ptr> done) {
  if (closed_)
    return;
  const auto o = std::make_shared<opening>(
      std::make_shared<line>(ex, plan_, options_.max_header, r.secret_answer), std::move(done), ex);
  running_.insert(o);
  auto head = write_head(r, plan_->server, plan_->proxy);
  if (unusable_ || !head)
    return finish(o, unusable_ ? *unusable_ : head.error());
  o->alarm.expires_at(from_now(deadline));
  o->alarm.async_wait([me = shared_from_this(), o, deadline](error_code failure) {
    if (failure || !o->done) // answered in the same moment: the stream is somebody's
      return;
    me->finish(o, make_error(errc::timeout, "no answer within " + std::to_string(deadline.count())
                                                + " ms (" + o->on->step + ")"));
    o->on->cut();
  });
  asio::co_spawn(ex, o->on->start(std::move(*head), std::move(r.body)),
                 [me = shared_from_this(), o](const std::exception_ptr& thrown, result<void> come) {
                   if (thrown)
                     come = make_error(errc::internal, "an exception while handling a request");
                   me->finish(o, std::move(come));
                 });
}

void streaming_client::impl::finish(const opening_ptr& o, result<void> head) {
  if (!o->done)
    return;
  const auto done = std::exchange(o->done, nullptr);
  o->alarm.cancel();
  running_.erase(o);
  result<body_stream_ptr> answer = body_stream_ptr{};
  if (head)
    answer = body_stream_ptr{std::make_shared<held_stream>(o->on)};
  else
    answer = within(plan_->server.to_string(), head.error());
  if (const call_gate::pass open{gate}; open)
    done(std::move(answer));
}

void streaming_client::impl::close() {
  closed_ = true;
  for (const auto& o : std::exchange(running_, {})) {
    o->done = nullptr;
    o->alarm.cancel();
    o->on->cut();
  }
}

streaming_client::streaming_client(runtime& io, origin server, client_options options)
    : impl_(std::make_shared<impl>(io.get().next(), std::move(server), std::move(options))) {}

streaming_client::~streaming_client() {
  impl_->gate.close();
  asio::post(impl_->ex, [me = impl_] { me->close(); });
}

void streaming_client::open(request r, milliseconds deadline, callback<body_stream_ptr> done) {
  asio::post(impl_->ex, [me = impl_, r = std::move(r), deadline, done = std::move(done)]() mutable {
    me->start(std::move(r), deadline, std::move(done));
  });
}

} // namespace feedcast::http
