#pragma once

#include "http/server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::http {

/// Path parameters of a match, percent-decoded once, in the order of the pattern.
using path_arguments = std::vector<std::string>;

/// Method and path patterns to handlers. Built before the server starts, then immutable
/// (thread-safe). Pattern: "/dbs/{}/colls/{}/docs/{}"; `{}` matches one non-empty segment (dots are
/// not collapsed); one trailing slash is ignored. 404 JSON for no path, 405 with Allow for no
/// method.
class router {
 public:
  using route_handler = std::function<void(server_request, path_arguments, responder)>;

  void add(std::string_view method, std::string_view pattern, route_handler h);
  void operator()(server_request r, responder done) const;

 private:
  struct route {
    std::string method;
    std::vector<std::string> segments;
    route_handler handler;
  };

  std::vector<route> routes_;
};

/// {"code":"NotFound","message":"..."} with content type application/json.
server_response json_error(unsigned status, std::string_view code, std::string_view message);

} // namespace feedcast::http
