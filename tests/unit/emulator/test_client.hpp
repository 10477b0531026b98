#pragma once

#include "core/clock.hpp"
#include "emulator/emulator.hpp"
#include "emulator/regions.hpp"
#include "emulator/service.hpp"

#include <boost/json.hpp>

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace feedcast::emulator::testing {

/// Time that stands still until it is moved.
class manual_clock final : public clock_source {
 public:
  steady_time steady() const override { return steady_time{} + passed_; }

  wall_time wall() const override { return start_ + passed_; }

  void advance(milliseconds by) { passed_ += by; }

 private:
  wall_time start_ = *parse_http_date("Thu, 01 Jan 2026 00:00:00 GMT");
  milliseconds passed_{0};
};

using field = std::pair<std::string_view, std::string>;
using fields = std::initializer_list<field>;
using field_list = std::vector<field>;

/// What came back, with the body in one place.
struct result_of_call {
  http::server_response response;
  std::string body;

  unsigned status() const { return response.status; }

  std::string header(std::string_view name) const {
    return std::string(response.headers.get(name));
  }

  boost::json::value json() const { return boost::json::parse(body); }
};

/// An account without sockets: signs requests as a client does and calls the service directly.
class test_client {
 public:
  /// `memory`: bytes of documents that it holds.
  explicit test_client(const std::vector<std::string>& names = {"South Central US"},
                       std::uint64_t memory = 1U << 20);

  result_of_call send(std::string method, std::string target, fields headers = {},
                      std::string body = {}) {
    return send_all(std::move(method), std::move(target), headers, std::move(body));
  }

  result_of_call send_all(std::string method, std::string target, field_list headers,
                          std::string body = {});
  /// With that bearer token instead of a signature.
  result_of_call send_as(std::string_view token, std::string method, std::string target,
                         field_list headers = {}, std::string body = {});
  /// A control request; expects success.
  boost::json::value control(std::string method, std::string target, std::string body = {});
  /// Without a signature of our making.
  result_of_call send_unsigned(std::string method, std::string target, fields headers = {},
                               std::string body = {});

  /// Database db1 with container c1 of that many ranges.
  container_ptr make_container(std::uint32_t ranges = 1, std::string_view key_path = "/id");
  /// Creates {"id":id,"n":n} in c1 partitioned by /id and expects success.
  result_of_call put(std::string_view id, int n = 0);

  manual_clock clock;
  regions account;
  store data;
  fault_rules faults{clock};
  statistics stats;
  throughput units{clock};
  shared_state state;
  std::optional<std::size_t> at; ///< region whose endpoint is called; nothing = the account's own

 private:
  result_of_call deliver(std::string method, std::string target, const field_list& headers,
                         std::string body);

  std::vector<std::unique_ptr<service>> services_; ///< the account's, then those of the regions
};

/// ["id"]
std::string key_of(std::string_view id);
/// The ids of a page's documents, in order.
std::vector<std::string> ids(const result_of_call& page);

inline constexpr std::string_view docs = "/dbs/db1/colls/c1/docs";

} // namespace feedcast::emulator::testing
