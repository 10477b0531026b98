#pragma once

#include "metrics/processor_probe.hpp"
#include "metrics/registry.hpp"
#include "metrics/service_probe.hpp"
#include "metrics/target_probe.hpp"

#include <cstddef>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::metrics::testing {

inline std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in{text};
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);)
    lines.push_back(line);
  return lines;
}

/// The series of an exposition: every line that is no comment.
inline std::size_t count_series(const std::string& text) {
  std::size_t n = 0;
  for (const auto& line : lines_of(text))
    n += !line.empty() && line.front() != '#' ? 1 : 0;
  return n;
}

/// A registry as a service with that many targets and feeds has it.
struct populated_registry {
  populated_registry(std::size_t targets, std::size_t feeds, std::size_t ranges = 2)
      : service(all, {"0.1.0", "abcdef0", "0123456789abcdef"}) {
    for (std::size_t t = 0; t < targets; ++t) {
      const auto target = "target" + std::to_string(t);
      targets_.push_back(std::make_unique<target_probe>(all, target));
      for (std::size_t f = 0; f < feeds; ++f) {
        auto& p = *processors_.emplace_back(
            std::make_unique<processor_probe>(all, target, "feed" + std::to_string(f)));
        for (std::size_t r = 0; r < ranges; ++r)
          p.openwhisk_lag(std::to_string(r), 1);
      }
    }
  }

  registry all;
  service_probe service;

 private:
  std::vector<std::unique_ptr<target_probe>> targets_;
  std::vector<std::unique_ptr<processor_probe>> processors_;
};

} // namespace feedcast::metrics::testing
