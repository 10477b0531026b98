#pragma once

namespace feedcast::app {

/// Keeps what this process holds (keys, passwords, documents) out of core files and from other
/// processes of the same user: no core dump, no debugger, /proc/PID/environ for root alone. Call
/// before secrets are read. Does nothing in builds with sanitizers, which look at themselves the
/// same way.
void forbid_dumps();

} // namespace feedcast::app
