#include "app/actor_runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <mutex>
#include <utility>

namespace feedcast::app {

struct actor_runtime::impl {
  explicit impl(unsigned worker_threads) {
    // One queue with a condition variable wakes in microseconds and idles at no cost, which suits
    // work that I/O drives; the bound on messages per turn keeps one busy actor from starving the
    // others.
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-throughput", std::size_t{50});
    config.set("scheduler.max-threads", std::size_t{worker_threads});
    system = std::make_unique<caf::actor_system>(config);
  }

  caf::actor_system_config config;
  std::unique_ptr<caf::actor_system> system;
  std::mutex mutex; ///< guards root against restart_target
  service_actor root;
};

actor_runtime::actor_runtime(unsigned worker_threads)
    : impl_(std::make_unique<impl>(worker_threads)) {}

actor_runtime::~actor_runtime() {
  const std::lock_guard lock{impl_->mutex};
  if (impl_->root)
    caf::anon_send_exit(impl_->root, caf::exit_reason::kill);
  impl_->root = nullptr;
}

void actor_runtime::start(service_arguments args) {
  auto root = impl_->system->spawn(service, std::move(args));
  const std::lock_guard lock{impl_->mutex};
  impl_->root = std::move(root);
}

bool actor_runtime::drain(milliseconds deadline) {
  caf::scoped_actor self{*impl_->system};
  self->monitor(impl_->root);
  self->send(impl_->root, drain_atom_v);
  bool drained = false;
  self->receive([&](caf::down_msg& down) { drained = !down.reason; },
                caf::after(std::chrono::duration_cast<caf::timespan>(deadline)) >> [] {});
  return drained;
}

void actor_runtime::restart_target(const std::string& name) {
  const std::lock_guard lock{impl_->mutex};
  if (impl_->root)
    caf::anon_send(impl_->root, renew_atom_v, name);
}

} // namespace feedcast::app
