#pragma once

namespace feedcast::app {

/// Reads the command line and does what it says. Returns the exit code. May throw what is a bug of
/// ours.
int command_line(int argc, char** argv);

} // namespace feedcast::app
