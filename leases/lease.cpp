#include "leases/lease.hpp"

namespace feedcast {

std::string_view to_string(lease_form form) noexcept {
  switch (form) {
  case lease_form::pk:
    return "pk";
  case lease_form::java_epk:
    return "java-epk";
  case lease_form::dotnet_epk:
    return "dotnet-epk";
  }
  return "unknown";
}

std::optional<lease_form> parse_lease_form(std::string_view text) noexcept {
  for (const auto form : {lease_form::pk, lease_form::java_epk, lease_form::dotnet_epk})
    if (text == to_string(form))
      return form;
  return std::nullopt;
}

} // namespace feedcast
