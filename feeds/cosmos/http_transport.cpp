#include "feeds/cosmos/http_transport.hpp"

namespace feedcast::cosmos {

namespace {

class http_transport final : public transport {
 public:
  http_transport(http::runtime& io, const http::origin& server, const http::client_options& options)
      : client_{io, server, options} {}

  void send(http::request r, milliseconds deadline, callback<http::response> done) override {
    client_.send(std::move(r), deadline, std::move(done));
  }

 private:
  http::client client_;
};

} // namespace

transport_factory http_transports(http::runtime& io, http::client_options options) {
  return [&io, options = std::move(options)](const http::origin& server) {
    return std::make_shared<http_transport>(io, server, options);
  };
}

} // namespace feedcast::cosmos
