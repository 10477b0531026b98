#include "core/result.hpp"

#include <stdexcept>

namespace feedcast {

void throw_exception_from_error(const error& e, const boost::source_location&) {
  throw std::runtime_error(to_string(e));
}

} // namespace feedcast
