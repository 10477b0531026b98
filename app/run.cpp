#include "app/run.hpp"

#include "app/actor_runtime.hpp"
#include "app/admin.hpp"
#include "app/dumps.hpp"
#include "app/exit_code.hpp"
#include "app/platform.hpp"
#include "app/signals.hpp"
#include "app/version.hpp"
#include "app/wiring.hpp"
#include "core/log.hpp"
#include "http/crypto/digest.hpp"
#include "settings/printer.hpp"

#include <atomic>
#include <cstdio>

namespace feedcast::app {

namespace {

/// The same for equal configurations on all instances; print_effective shows no secret.
std::string hash_of(const settings::load_outcome& outcome) {
  return http::crypto::to_hex(http::crypto::sha256(settings::print_effective(outcome)))
      .substr(0, 16);
}

} // namespace

int run(const configuration_options& options, bool debuggable) {
  if (!debuggable)
    forbid_dumps();
  const termination_signals signals;
  const auto outcome = load_configuration(options);
  print_diagnostics(outcome);
  if (!outcome.ok())
    return exit_configuration;
  const auto& config = *outcome.config;

  platform shared{
      config.tuning.threads.io, {version, FEEDCAST_REVISION, hash_of(outcome)}, config.instance};
  std::atomic<bool> twin = false;
  shared.on_twin = [&twin](const std::string& /*why: logged*/) {
    if (!twin.exchange(true))
      termination_signals::ask_to_end();
  };
  auto tree = wire(config, shared);
  if (!tree) {
    std::fprintf(stderr, "error: %s\n", tree.error().detail.c_str());
    return exit_configuration;
  }
  actor_runtime actors{config.tuning.threads.actors};
  std::unique_ptr<http::server> admin; // ends before the actors that it commands
  if (config.admin.listen != "off") {
    auto started =
        start_admin(shared, config.admin, {.restart_target = [&](const std::string& target) {
                      if (config.targets.contains(target))
                        actors.restart_target(target);
                      return config.targets.contains(target);
                    }});
    if (!started) {
      std::fprintf(stderr,
                   "error: admin.listen: %s. hint: name a free address, e.g. --set "
                   "admin.listen=127.0.0.1:0, or \"off\"\n",
                   started.error().detail.c_str());
      return started.error().code == errc::rejected ? exit_configuration : exit_unavailable;
    }
    admin = std::move(*started);
  }
  actors.start(std::move(*tree));
  log::info("feedcast is running", {{"version", version},
                                    {"instance", config.instance},
                                    {"targets", config.targets.size()},
                                    {"admin", admin ? admin->url() : "off"}});

  signals.wait();
  log::info("draining", {{"deadline_ms", config.drain_deadline.count()}});
  signals.quit_on_next(exit_deadline);
  if (!actors.drain(config.drain_deadline)) {
    log::warn("drain deadline reached; what was not acknowledged is read again by the next start");
    return twin ? exit_configuration : exit_deadline;
  }
  log::info("drained");
  return twin ? exit_configuration : exit_ok;
}

} // namespace feedcast::app
