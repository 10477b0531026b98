#pragma once

#include "core/error.hpp"

#include <boost/system/result.hpp>

#include <functional>
#include <utility>

namespace feedcast {

/// Either a T or an error. `r.has_value()`, `*r`, `r.error()`.
template <class T>
using result = boost::system::result<T, error>;

/// How an asynchronous call answers: exactly once, on any thread, possibly before the call returns.
template <class T>
using callback = std::function<void(result<T>)>;

/// Wanted by boost::system::result: what `value()` does when there is none.
[[noreturn]] void throw_exception_from_error(const error& e, const boost::source_location& where);

inline error make_error(errc code, std::string detail) {
  return error{code, std::move(detail), {}};
}

} // namespace feedcast
