#include "actors/restart_policy.hpp"

namespace feedcast {

restart_policy::restart_policy(restart_options options)
    : options_(options), delay_(options.delay, options.seed) {}

std::optional<milliseconds> restart_policy::on_failure(steady_time started, steady_time now) {
  if (now - started >= options_.stable) {
    delay_.reset();
    recent_.clear();
  }
  while (!recent_.empty() && now - recent_.front() > options_.window)
    recent_.pop_front();
  recent_.push_back(now);
  if (recent_.size() > options_.max_restarts)
    return std::nullopt;
  return delay_.next();
}

} // namespace feedcast
