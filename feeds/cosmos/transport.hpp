#pragma once

#include "core/result.hpp"
#include "http/message.hpp"
#include "http/url.hpp"

#include <functional>
#include <memory>

namespace feedcast::cosmos {

/// Carries requests to one server. The seam between this folder and http/, so that tests can script
/// the other side. Thread-safe; send() never blocks. Answers exactly once, on any thread, possibly
/// before send() returns; never after destruction. Errors and retries as http::client has them.
class transport {
 public:
  virtual ~transport() = default;
  virtual void send(http::request r, milliseconds deadline, callback<http::response> done) = 0;
};

/// Makes the transport to a server, once per server.
using transport_factory = std::function<std::shared_ptr<transport>(const http::origin& server)>;

} // namespace feedcast::cosmos
