#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "feeds/cosmos/auth.hpp"
#include "feeds/cosmos/transport.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// What authorizes requests at one moment. Immutable, thread-safe; holds a secret.
class proof {
 public:
  virtual ~proof() = default;
  /// The value of the `authorization` header, URL-encoded. `date` is that of `x-ms-date`, as sent.
  virtual std::string authorization(const signed_resource& what, std::string_view date) const = 0;
};

using proof_ptr = std::shared_ptr<const proof>;

/// Who we are to an account: a master key (or a read-only one), a resource token, or an identity of
/// Microsoft Entra ID. Thread-safe; nothing blocks but the reading of a small file.
class credential {
 public:
  virtual ~credential() = default;

  /// Answers with what authorizes a request now; inside the call whenever nobody has to be asked.
  virtual void prove(callback<proof_ptr> done) = 0;

  /// The account answered 401 or 403 to a request with `used`: true if it is worth proving and
  /// sending once more, because the secret has changed since, or another token can be had.
  virtual bool refused(const proof_ptr& used, unsigned status) = 0;
};

using secret_reader = std::function<settings::secret()>;

/// Signs with an account key. `reread` (may be empty) is asked after a refusal for the key that is
/// right by now. `rejected` if `key` is not base64.
result<std::shared_ptr<credential>> key_credential(const settings::secret& key,
                                                   secret_reader reread);

/// Sends a resource token as it is. `reread` as above. `rejected` if it is no resource token.
result<std::shared_ptr<credential>> resource_token_credential(const settings::secret& token,
                                                              secret_reader reread);

/// The credential that is configured for an account; files of secrets are read again when it is
/// refused. `token_servers` reaches the endpoints that issue tokens, `nearby_servers` those of
/// managed identities, which no proxy may stand before. `rejected` with the setting that is wrong.
result<std::shared_ptr<credential>>
make_credential(const settings::account_config& account, const transport_factory& token_servers,
                const transport_factory& nearby_servers,
                const clock_source& clock = system_clock_source());

} // namespace feedcast::cosmos
