#include "sinks/kafka/log_bridge.hpp"

#include "core/log.hpp"

namespace feedcast::kafka {

namespace {

constexpr int syslog_warning = 4;
constexpr int syslog_info = 6;
constexpr std::chrono::seconds quiet{10};

} // namespace

void log_from_librdkafka(std::string_view client, int severity, std::string_view facility,
                         std::string_view text) {
  if (severity > syslog_info) {
    log::debug("librdkafka", {{"client", client}, {"facility", facility}, {"text", text}});
    return;
  }
  // Nothing librdkafka says ends the service, so its errors are warnings here.
  const bool grave = severity <= syslog_warning;
  static log::limiter warnings{quiet};
  static log::limiter notices{quiet};
  if (const auto pass = (grave ? warnings : notices).admit()) {
    const auto level = grave ? log::level::warn : log::level::info;
    if (log::enabled(level))
      log::write(
          level, "librdkafka",
          {{"client", client}, {"facility", facility}, {"text", text}, {"suppressed", *pass}});
  }
}

} // namespace feedcast::kafka
