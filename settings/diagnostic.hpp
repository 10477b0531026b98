#pragma once

#include "settings/origin.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::settings {

enum class severity : std::uint8_t { warning, error };

/// One complaint about the configuration, ready to be shown. Never holds a secret.
struct diagnostic {
  severity level = severity::error;
  std::string
      origin; ///< "feedcast.yaml:3:5", "environment FEEDCAST_INSTANCE", "--set", "profile dev"
  std::string path;    ///< "targets.eu.kafka.brokers"; empty if the complaint is about the whole
  std::string message; ///< what is wrong
  std::string hint;    ///< how to mend it; may be empty

  /// "feedcast.yaml:3:5: error: targets.eu.kafka.brokers: what is wrong. hint: how to mend it", one
  /// line of inert text whatever the file holds
  std::string to_string() const;
};

/// Collects complaints so that all are reported at once. Not thread-safe.
class diagnostic_list {
 public:
  void error(const origin& at, std::string path, std::string message, std::string hint = {});
  void warning(const origin& at, std::string path, std::string message, std::string hint = {});

  bool has_errors() const noexcept { return errors_ > 0; }

  /// In the order they were found. Leaves the list empty.
  std::vector<diagnostic> take() { return std::move(items_); }

 private:
  std::vector<diagnostic> items_;
  std::size_t errors_ = 0;
};

/// `did you mean "brokers"?` if one of `candidates` is close to `wrong`, else empty.
std::string did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates);
/// "one of a, b, c" or "there is only a", for hints.
std::string one_of_text(const std::vector<std::string>& choices);

} // namespace feedcast::settings
