#pragma once

namespace feedcast::app {

inline constexpr const char* version = FEEDCAST_VERSION;

} // namespace feedcast::app
