#pragma once

#include "actors/supervisor.hpp"
#include "http/runtime.hpp"
#include "leases/balancer.hpp"
#include "metrics/health_board.hpp"
#include "metrics/processor_probe.hpp"
#include "metrics/registry.hpp"
#include "metrics/service_probe.hpp"
#include "metrics/target_probe.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace feedcast::couchdb {
class server;
}

namespace feedcast::app {

/// What all parts of a process share and what outlives the actors: I/O threads, metrics, health.
class platform {
 public:
  /// `instance`: under which leases are shared with other processes.
  platform(unsigned io_threads, metrics::service_facts facts, std::string instance);

  metrics::target_probe& make_target_probe(std::string_view target);
  metrics::processor_probe& make_processor_probe(std::string_view target, std::string_view feed,
                                                 std::string_view collection);
  observers watch();

  metrics::registry registry;
  metrics::service_probe service;
  metrics::health_board health;
  http::runtime io;
  /// By account, for all targets: a server counts a user's wrong passwords, whoever sends them.
  std::map<std::string, std::shared_ptr<couchdb::server>> couch_servers;
  std::shared_ptr<balancer> shares;
  const std::string boot; ///< of this process
  /// Told that another process runs under this instance's name. Any thread.
  std::function<void(const std::string& why)> on_twin;

 private:
  std::deque<metrics::target_probe> targets_;
  std::deque<metrics::processor_probe> processors_;
};

} // namespace feedcast::app
