#include "app/cli.hpp"
#include "app/exit_code.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  try {
    return feedcast::app::command_line(argc, argv);
  } catch (const std::exception& x) {
    std::fprintf(stderr, "feedcast: internal error: %s. Please report it.\n", x.what());
    return feedcast::app::exit_bug;
  }
}
