#pragma once

#include "emulator/call.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

namespace feedcast::emulator {

/// The emulator behind its HTTP server: checks signatures, applies fault rules, counts, and hands
/// each request to its route. Answers before the call returns. Thread-safe.
class service {
 public:
  /// `state` outlives the service.
  /// It answers as the endpoint of that region; nothing = as the account's own.
  explicit service(shared_state& state, std::optional<std::size_t> region = {});
  service(const service&) = delete;
  service& operator=(const service&) = delete;

  void operator()(http::server_request request, http::responder done) const;

 private:
  /// What a request asks for and who serves it.
  struct action {
    operation what = operation::control;
    http::server_response (*serve)(const call&) = nullptr;
  };

  using chooser = action (*)(const call&);

  static action choose_post(const call& c);
  static action choose_get(const call& c);
  void add(std::string_view method, std::string_view pattern, action fixed);
  void add_chosen(std::string_view method, std::string_view pattern, chooser choose);
  void add_service_routes();
  void add_control_routes();
  http::server_response answer(call c, const action& chosen) const;
  http::server_response serve(call& c, const action& chosen) const;

  shared_state& state_;
  const std::optional<std::size_t> region_;
  http::router router_;
};

} // namespace feedcast::emulator
