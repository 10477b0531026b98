#pragma once

#include "core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace feedcast::emulator {

/// Sub-statuses of the service that this emulator answers (header `x-ms-substatus`).
namespace substatus {
inline constexpr std::uint32_t none = 0;
inline constexpr std::uint32_t write_forbidden = 3;           ///< with 403: not the write region
inline constexpr std::uint32_t partition_key_mismatch = 1001; ///< with 400
inline constexpr std::uint32_t not_servable = 1004;           ///< with 400: a query
inline constexpr std::uint32_t range_gone = 1002;             ///< with 410
inline constexpr std::uint32_t session_not_available = 1002;  ///< with 404
inline constexpr std::uint32_t owner_not_found = 1003;        ///< with 404
inline constexpr std::uint32_t completing_split = 1007;       ///< with 410
inline constexpr std::uint32_t no_such_account = 1008;        ///< with 403: a region that is gone
inline constexpr std::uint32_t units_spent = 3200;            ///< with 429
inline constexpr std::uint32_t local_auth_disabled = 5202;    ///< with 401
inline constexpr std::uint32_t aad_not_authorized = 5300;     ///< with 403
} // namespace substatus

/// Why a request is not served, in the service's own terms. `message` never holds a document body.
struct refusal {
  // Not an aggregate: a lone number must not convert, or answer<number> can't tell its two sides
  // apart.
  refusal() = default;

  refusal(unsigned http_status, std::uint32_t sub, std::string text)
      : status(http_status), sub_status(sub), message(std::move(text)) {}

  unsigned status = 500;
  std::uint32_t sub_status = substatus::none;
  std::string message;
};

/// Either a T or a refusal.
template <class T>
using answer = boost::system::result<T, refusal>;

/// Wanted by boost::system::result: what `value()` does when there is none.
[[noreturn]] void throw_exception_from_error(const refusal& r, const boost::source_location& where);

/// The `code` member of an error body: "NotFound" for 404.
std::string_view error_code(unsigned status) noexcept;

inline refusal refuse(unsigned status, std::string message,
                      std::uint32_t sub_status = substatus::none) {
  return {status, sub_status, std::move(message)};
}

} // namespace feedcast::emulator
