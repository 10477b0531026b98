#include "app/platform.hpp"

#include "leases/boot_nonce.hpp"

#include <utility>

namespace feedcast::app {

platform::platform(unsigned io_threads, metrics::service_facts facts, std::string instance)
    : service(registry, facts)
    , io(io_threads)
    , shares(std::make_shared<balancer>(instance, std::hash<std::string>{}(instance)))
    , boot(make_boot_nonce(system_clock_source().wall())) {}

metrics::target_probe& platform::make_target_probe(std::string_view target) {
  return targets_.emplace_back(registry, target);
}

metrics::processor_probe& platform::make_processor_probe(std::string_view target,
                                                         std::string_view feed,
                                                         std::string_view collection) {
  return processors_.emplace_back(registry, target, feed, collection);
}

observers platform::watch() {
  return {&health, &service, &system_clock_source()};
}

} // namespace feedcast::app
