#pragma once
// CAF and the fakes cost every test file seconds otherwise.
#include "tests/support/actor_fixture.hpp"
