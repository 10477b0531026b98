#pragma once

#include "app/configuration.hpp"
#include "app/cost/forecast.hpp"

namespace feedcast::app {

struct cost_options {
  configuration_options configuration;
  cost_assumptions assumed;
  bool json = false;
};

/// `feedcast cost`: what the configuration costs in request units, without asking anybody. Answers
/// an exit code.
int cost(const cost_options& options);

/// The two forms of its answer, each with a line end.
std::string cost_as_text(const settings::service_config& config, const cost_assumptions& a);
std::string cost_as_json(const settings::service_config& config, const cost_assumptions& a);

} // namespace feedcast::app
