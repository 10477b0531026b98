#pragma once

#include <string_view>

namespace feedcast::kafka {

/// Writes one line of librdkafka to the service's log. `severity` is syslog's. At most one warning
/// and one notice per 10 s and process pass; the next one tells how many were held back.
/// Thread-safe.
void log_from_librdkafka(std::string_view client, int severity, std::string_view facility,
                         std::string_view text);

} // namespace feedcast::kafka
