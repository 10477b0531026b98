// The account document, to the servers that signed requests go to: whatever it says, only those of
// the configured account.
#include "feeds/cosmos/account_document.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cctype>
#include <netinet/in.h>

using namespace feedcast;
using fuzz::expect;

namespace {

/// Independent of the product's rule: one label in front of the service's domain, and nothing odd
/// in it.
bool of_the_service(const http::origin& o) {
  constexpr std::string_view domain = ".documents.azure.com";
  if (o.scheme != "https" || !o.host.ends_with(domain))
    return false;
  const auto label = std::string_view{o.host}.substr(0, o.host.size() - domain.size());
  return !label.empty() && std::all_of(label.begin(), label.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

bool on_loopback(const http::origin& o) {
  const bool address = o.host.starts_with("127.")
                       && std::count(o.host.begin(), o.host.end(), '.') == 3
                       && o.host.find_first_not_of("0123456789.") == std::string::npos;
  // All ways to write ::1. Names under localhost are loopback by RFC 6761.
  in6_addr v6{};
  const bool wide = ::inet_pton(AF_INET6, o.host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
  return address || wide || o.host == "localhost";
}

template <class Allowed>
void check(std::string_view text, std::string_view configured_url, Allowed allowed) {
  const auto configured = *http::parse_origin(configured_url);
  const auto account = cosmos::parse_account(text, configured);
  if (!account) {
    expect(account.error().code == errc::malformed || account.error().code == errc::rejected,
           "a bad account is named as such");
    return;
  }
  for (const auto* list : {&account->readable, &account->writable})
    for (const auto& r : *list)
      expect(allowed(r.endpoint), "only servers of the account, not", r.endpoint.to_string());
  const auto choice = cosmos::choose_endpoints(*account, {"West Europe"}, configured);
  for (const auto* chosen : {&choice.read, &choice.write})
    expect(allowed(chosen->endpoint), "only servers of the account are chosen, not",
           chosen->endpoint.to_string());
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  check(text, "https://acme.documents.azure.com:443/", of_the_service);
  check(text, "http://127.0.0.1:8081/", on_loopback);
  // Of a domain that short anybody may own the neighbours.
  check(text, "https://acme.com/",
        [](const http::origin& o) { return o.scheme == "https" && o.host == "acme.com"; });
  return 0;
}
