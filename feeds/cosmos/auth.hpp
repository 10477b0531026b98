#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "settings/service_config.hpp"

#include <string>
#include <string_view>

namespace feedcast::cosmos {

/// What a request is about, in the words of the signature: the verb in any case, the resource type
/// ("docs", empty for the account) and the link of the resource ("dbs/ow/colls/whisks": names as
/// they are, not percent-encoded; RIDs lower-cased by the caller).
struct signed_resource {
  std::string_view verb;
  std::string_view type;
  std::string_view link;
};

/// Signs requests with the account's master key. Immutable, thread-safe.
class master_key {
 public:
  /// `rejected` if the text is not base64 of at least one byte. The text never appears in the
  /// error.
  static result<master_key> parse(const settings::secret& text);

  /// The value of the `authorization` header, URL-encoded. `date` is the value of `x-ms-date`, as
  /// sent.
  std::string authorization(const signed_resource& what, std::string_view date) const;

  /// The bare signature inside it: base64 of the HMAC.
  std::string signature(const signed_resource& what, std::string_view date) const;

 private:
  explicit master_key(std::string raw) : raw_{std::move(raw)} {}

  std::string raw_;
};

} // namespace feedcast::cosmos
