#include "actors/supervisor.hpp"

#include "core/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/send.hpp>

#include <utility>

namespace feedcast {

namespace {

/// A child that ran for so long before it wedged is judged anew.
constexpr std::chrono::minutes wedge_memory{15};

metrics::restart_reason classify(const caf::error& why) {
  if (why == actor_exit::threw)
    return metrics::restart_reason::exception;
  if (why == actor_exit::escalated)
    return metrics::restart_reason::escalated;
  if (why == actor_exit::wedged)
    return metrics::restart_reason::stalled;
  if (why == actor_exit::requested)
    return metrics::restart_reason::requested;
  return metrics::restart_reason::failure;
}

} // namespace

std::string describe(const caf::error& e) {
  if (!e)
    return "ended normally";
  std::string text;
  if (e.category() == caf::atom("feedcast"))
    text = "";
  else
    text = caf::to_string(e);
  if (text.empty() && e.context().size() > 0 && e.context().match_element<std::string>(0))
    return e.context().get_as<std::string>(0);
  return text.empty() ? "unknown" : text;
}

supervisor::supervisor(hooks h) : hooks_(std::move(h)) {}

supervisor::~supervisor() {
  for (auto& [name, c] : children_) {
    if (c.handle)
      caf::anon_send_exit(c.handle, caf::exit_reason::user_shutdown);
    hooks_.watch.health->drop_actor(path_of(name));
  }
}

std::string supervisor::path_of(const std::string& name) const {
  return hooks_.path.empty() ? name : hooks_.path + " / " + name;
}

void supervisor::show(const std::string& name, const child& c) {
  hooks_.watch.health->put_actor(path_of(name), c.health);
}

void supervisor::add(const std::string& name, factory make) {
  remove(name); // a predecessor whose end was not heard of yet
  const auto at = children_.emplace(
      name, child{std::move(make), {}, restart_policy{hooks_.restarts}, {}, 0, {}});
  start(name, at.first->second);
}

void supervisor::start(const std::string& name, child& c) {
  c.started = hooks_.self->clock().now();
  try {
    c.handle = c.make();
  } catch (const std::exception& x) {
    // A state that can't be built throws into its parent.
    restart(name, exit_because(actor_exit::threw, x.what()));
    return;
  }
  names_[c.handle.id()] = name;
  hooks_.self->monitor(c.handle);
  c.health.state = "running";
  c.health.next_try.reset();
  show(name, c);
}

void supervisor::remove(const std::string& name) {
  const auto at = children_.find(name);
  if (at == children_.end())
    return;
  if (at->second.handle) {
    names_.erase(at->second.handle.id());
    hooks_.self->demonitor(at->second.handle);
    caf::anon_send_exit(at->second.handle, caf::exit_reason::user_shutdown);
  }
  children_.erase(at);
  hooks_.watch.health->drop_actor(path_of(name));
}

void supervisor::replace(const std::string& name, const caf::error& why) {
  const auto at = children_.find(name);
  if (at == children_.end() || !at->second.handle)
    return;
  auto& handle = at->second.handle;
  names_.erase(handle.id());
  hooks_.self->demonitor(handle);
  caf::anon_send_exit(handle, caf::exit_reason::kill);
  handle = nullptr;
  restart(name, why);
}

std::optional<supervisor::ended> supervisor::on_down(const caf::down_msg& down) {
  const auto at = names_.find(down.source.id());
  if (at == names_.end())
    return std::nullopt;
  ended e{at->second, !down.reason || down.reason == caf::exit_reason::user_shutdown, down.reason};
  names_.erase(at);
  if (const auto c = children_.find(e.name); c != children_.end()) {
    c->second.handle = nullptr; // a dead actor's handle pins its memory
    c->second.health.state = "ended";
    show(e.name, c->second);
  }
  return e;
}

void supervisor::restart(const std::string& name, const caf::error& why) {
  const auto at = children_.find(name);
  if (at == children_.end())
    return;
  auto& c = at->second;
  const auto now = hooks_.self->clock().now();
  if (now - c.started > wedge_memory)
    c.health.wedges = 0;
  if (why == actor_exit::wedged)
    ++c.health.wedges;
  auto delay = c.policy.on_failure(c.started, now);
  const auto text = describe(why);
  c.health.last_error = text;
  ++c.health.restarts;
  hooks_.watch.service->restarts(hooks_.children, classify(why)).add();
  if (!delay && hooks_.give_up) {
    c.health.state = "given up";
    show(name, c);
    log::error("child failed too often, its parent restarts",
               {{"actor", path_of(name)}, {"error", text}});
    hooks_.give_up(name, text);
    return;
  }
  if (!delay)
    delay = hooks_.restarts.delay.cap;
  c.health.state = "backoff";
  c.health.next_try = now + *delay;
  show(name, c);
  log::warn("actor ended, restarting",
            {{"actor", path_of(name)}, {"error", text}, {"delay_ms", delay->count()}});
  c.generation = ++generations_;
  hooks_.schedule(*delay, name, c.generation);
}

void supervisor::on_restart(const std::string& name, std::uint64_t generation) {
  const auto at = children_.find(name);
  if (at != children_.end() && !at->second.handle && at->second.generation == generation)
    start(name, at->second);
}

bool supervisor::any_running() const noexcept {
  return !names_.empty();
}

} // namespace feedcast
