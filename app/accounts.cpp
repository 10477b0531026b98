#include "app/accounts.hpp"

#include "feeds/cosmos/credential.hpp"
#include "feeds/cosmos/http_transport.hpp"

#include <utility>

namespace feedcast::app {

namespace {

/// Reaches those who issue tokens. The account's own `ca_file` is not theirs.
cosmos::transport_factory token_servers(http::runtime& io, std::string proxy) {
  http::client_options options;
  options.proxy = std::move(proxy);
  options.max_connections = 2;
  options.max_body = std::size_t{1} << 20U;
  return cosmos::http_transports(io, std::move(options));
}

} // namespace

result<std::shared_ptr<cosmos::account>> open_account(const settings::service_config& config,
                                                      const std::string& name,
                                                      const std::vector<std::string>& regions,
                                                      platform& shared) {
  const auto rejected = [&](const error& why) {
    return make_error(errc::rejected, "accounts." + name + ": " + why.detail);
  };
  const auto& a = config.accounts.at(name);
  auto credential = cosmos::make_credential(a, token_servers(shared.io, a.proxy),
                                            token_servers(shared.io, "none"));
  if (!credential)
    return rejected(credential.error());
  http::client_options options;
  options.ca_file = a.ca_file;
  options.proxy = a.proxy;
  options.max_body = config.tuning.page.max_bytes;
  cosmos::account_options account;
  account.name = name;
  account.endpoint = a.endpoint;
  account.credential = std::move(*credential);
  account.regions = regions;
  auto opened = cosmos::account::open(std::move(account),
                                      cosmos::http_transports(shared.io, std::move(options)));
  if (!opened)
    return rejected(opened.error());
  return opened;
}

} // namespace feedcast::app
