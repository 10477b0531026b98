#pragma once

#include "actors/harden.hpp"
#include "actors/restart_policy.hpp"
#include "metrics/health_board.hpp"
#include "metrics/service_probe.hpp"

#include <caf/actor.hpp>
#include <caf/local_actor.hpp>
#include <caf/system_messages.hpp>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace feedcast {

/// Observers that all actors share. They outlive the actor system.
struct observers {
  metrics::health_board* health = nullptr;
  metrics::service_probe* service = nullptr;
  const clock_source* clock = nullptr;
};

/// One-for-one supervision of named children, as a part of the supervising actor's state: monitors
/// (never links), restarts with backoff, gives up when one fails too often. Children are told to
/// stop when the state is destroyed, which happens on every way out of an actor.
class supervisor {
 public:
  using factory = std::function<caf::actor()>;

  struct hooks {
    caf::local_actor* self = nullptr;
    std::string path; ///< of the supervising actor, as shown on the health board
    metrics::actor_kind children = metrics::actor_kind::partition;
    observers watch;
    restart_options restarts;
    /// Sends `restart_atom name generation` to self after the delay.
    std::function<void(milliseconds, const std::string&, std::uint64_t)> schedule;
    /// A child failed too often. Empty: go on trying at the longest delay (the root does).
    std::function<void(const std::string& name, const std::string& why)> give_up;
  };

  explicit supervisor(hooks h);
  ~supervisor();
  supervisor(const supervisor&) = delete;
  supervisor& operator=(const supervisor&) = delete;

  /// Starts a child; one of the same name is removed first. Its factory may throw: that counts as a
  /// failure of the child.
  void add(const std::string& name, factory make);
  /// Forgets a child that ended, or stops it.
  void remove(const std::string& name);

  struct ended {
    std::string name;
    bool normally = false;
    caf::error reason;
  };

  /// Whose end this is; nullopt if it is none of ours. The caller then decides: `restart`, `remove`
  /// or hold it.
  std::optional<ended> on_down(const caf::down_msg& down);
  /// Starts it again after the delay that its record asks for, or gives up.
  void restart(const std::string& name, const caf::error& why);
  /// Restarts a running child that no longer says anything. It may be stuck in a handler for ever,
  /// so its end is not waited for; what it still says has to be harmless.
  void replace(const std::string& name, const caf::error& why);
  /// The timer of `schedule` fired. Stale generations do nothing.
  void on_restart(const std::string& name, std::uint64_t generation);

  bool any_running() const noexcept;

  template <class Visit>
  void for_each_running(Visit visit) const {
    for (const auto& [name, c] : children_)
      if (c.handle)
        visit(name, c.handle);
  }

 private:
  struct child {
    factory make;
    caf::actor handle;
    restart_policy policy;
    steady_time started{};
    std::uint64_t generation = 0;
    metrics::actor_health health{};
  };

  void start(const std::string& name, child& c);
  void show(const std::string& name, const child& c);
  std::string path_of(const std::string& name) const;

  hooks hooks_;
  std::map<std::string, child> children_;
  std::map<caf::actor_id, std::string> names_;
  std::uint64_t generations_ = 0; ///< never repeats, so that no timer can mean a later child
};

} // namespace feedcast
