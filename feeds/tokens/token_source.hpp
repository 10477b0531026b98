#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/result.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::tokens {

/// What a token endpoint gave. `value` is a secret.
struct fetched_token {
  std::string value;
  milliseconds lifetime; ///< from now on; more than zero
};

/// A token in use. `value` is a secret.
struct access_token {
  std::string value;
  steady_time expires;
  wall_time expires_at; ///< the same moment, for those who must tell others
};

using token_ptr = std::shared_ptr<const access_token>;

/// Asks for a new token; answers exactly once, on any thread, possibly before it returns.
using token_fetch = std::function<void(callback<fetched_token>)>;

/// Keeps one token good: the first caller fetches it, callers after two thirds of its life set off
/// its renewal, and only one request is under way at a time. A renewal that fails leaves the token
/// in use while it is good, and is tried again with growing pauses. There is no timer: who needs a
/// token asks for it, at least once a second in this service. Thread-safe; nothing blocks.
class token_source : public std::enable_shared_from_this<token_source> {
 public:
  /// `name`: whose token it is, for the log and in errors. `clock` outlives the source.
  static std::shared_ptr<token_source> make(std::string name, token_fetch fetch,
                                            const clock_source& clock = system_clock_source());

  /// Answers with a token that is good, at once if one is held. Errors: those of the fetch;
  /// the last one again, without asking, during the pause after it.
  void get(callback<token_ptr> done);

  /// The same, but waits for a renewal that is due, and falls back on what is held. For those who
  /// ask seldom.
  void renewed(callback<token_ptr> done);

  /// The other side took `token` for no good: true if the next get() answers with another one. A
  /// token that is younger than half a minute is not thrown away: its successor would be refused
  /// for the same reason.
  bool refused(const token_ptr& token);

 private:
  token_source(std::string name, token_fetch fetch, const clock_source& clock);

  void ask(callback<token_ptr> done, bool wait_for_renewal);
  void start_fetch();
  void on_fetched(result<fetched_token> r);
  bool good(const token_ptr& token, steady_time now) const;
  void keep(fetched_token token);
  error last_failure(steady_time now) const;
  void report(const error& e, bool still_good) const;

  const std::string name_;
  const token_fetch fetch_;
  const clock_source& clock_;

  mutable std::mutex mutex_; ///< guards all below; never held while calling out
  token_ptr held_;
  steady_time fetched_{};
  steady_time renew_at_{};
  bool fetching_ = false;
  steady_time next_try_{}; ///< after a failure
  std::optional<error> failure_;
  backoff pause_;
  std::vector<callback<token_ptr>> waiting_;
};

} // namespace feedcast::tokens
