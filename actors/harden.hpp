#pragma once

#include <caf/error.hpp>
#include <caf/sec.hpp>

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace feedcast {

/// Why an actor of ours ended, when not by draining.
enum class actor_exit : std::uint8_t {
  threw = 1,     ///< a handler threw
  escalated,     ///< its children failed too often: its parent starts the whole subtree anew
  delivery_lost, ///< the target's delivery went away; comes back with the next one
  requested,     ///< somebody asked for a restart
  wedged,        ///< what it waits for never came: no answer, no error
};

} // namespace feedcast

CAF_ERROR_CODE_ENUM(feedcast::actor_exit, "feedcast")

namespace feedcast {

/// An exit reason with a text for logs and status.
inline caf::error exit_because(actor_exit why, std::string text) {
  return caf::make_error(why, std::move(text));
}

/// The text an exit reason carries.
std::string describe(const caf::error& e);

/// To be called first by every actor function: keeps an exception's text as exit reason (CAF would
/// print it), and keeps the actor alive when somebody answers with an error (CAF would end it).
template <class Self>
void harden(Self* self) {
  self->set_exception_handler([](std::exception_ptr& thrown) -> caf::error {
    try {
      std::rethrow_exception(thrown);
    } catch (const std::exception& x) {
      return exit_because(actor_exit::threw, x.what());
    } catch (...) {
      return exit_because(actor_exit::threw, "unknown exception");
    }
  });
  self->set_error_handler([](caf::error&) {});
}

} // namespace feedcast
