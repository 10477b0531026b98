#include "app/platform.hpp"

#include <utility>

namespace feedcast::app {

platform::platform(unsigned io_threads, metrics::service_facts facts)
    : service(registry, facts), io(io_threads) {}

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
