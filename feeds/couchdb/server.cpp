#include "feeds/couchdb/server.hpp"

#include "feeds/couchdb/signed_server.hpp"

namespace feedcast::couchdb {

namespace {

class http_wire final : public wire {
 public:
  http_wire(http::runtime& io, const http::origin& at, const http::client_options& options)
      : whole_{io, at, options}, streams_{io, at, options} {}

  void send(http::request r, milliseconds deadline, callback<http::response> done) override {
    whole_.send(std::move(r), deadline, std::move(done));
  }

  void open(http::request r, milliseconds deadline, callback<http::body_stream_ptr> done) override {
    streams_.open(std::move(r), deadline, std::move(done));
  }

 private:
  http::client whole_;
  http::streaming_client streams_;
};

} // namespace

result<std::shared_ptr<server>> server::open(server_options options, http::runtime& io,
                                             http::client_options http, const clock_source& clock) {
  const auto where = "account " + options.name + ": ";
  auto at = http::parse_origin(options.endpoint);
  if (!at)
    return make_error(errc::rejected, where + at.error().detail);
  if (!at->secure() && !at->loopback())
    return make_error(errc::rejected,
                      where + "plain http is accepted for loopback only; use https");
  auto over = std::make_unique<http_wire>(io, *at, http);
  return make_server(std::move(options), *at, std::move(over), clock);
}

} // namespace feedcast::couchdb
