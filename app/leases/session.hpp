#pragma once

#include "app/leases/export_document.hpp"
#include "app/leases/leases.hpp"
#include "app/leases/store_access.hpp"
#include "app/leases/view.hpp"
#include "app/platform.hpp"
#include "app/wiring.hpp"
#include "settings/loader.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace feedcast::app {

/// Target and feed of the processor that is meant; `rejected` if that is none or several.
result<std::pair<std::string, std::string>> choose_processor(const settings::service_config& config,
                                                             const std::string& target,
                                                             const std::string& feed);

/// One processor's lease store, opened, and what was in it.
struct open_leases {
  processor_leases processor;
  std::unique_ptr<store_access> store;
  lease_store_state state;
  lease_listing listing;
  std::vector<lease_view> leases;
};

/// What a command about leases begins with: configuration, processor, store, all leases. Complains
/// on stderr; `code` is then what to end with.
class leases_session {
 public:
  /// `beside_others`: a new store will do although there are leases under another host name.
  explicit leases_session(const leases_options& options, bool beside_others = false);

  int code() const noexcept { return code_; }

  open_leases& ours() noexcept { return *ours_; }

  /// Current ranges of the feed; nullopt if it could not be asked.
  const std::optional<range_keys>& ranges() const noexcept { return ranges_; }

  /// The leases that were kept under another host name of the account.
  std::optional<open_leases> of_host(const std::string& host);

  /// With the collection's `_rid`, if there is one and it can be had.
  processor_identity identity() const;

 private:
  std::optional<open_leases> open(const std::string& host, bool beside_others);
  std::nullopt_t fail(int code, const std::string& what);

  settings::load_outcome loaded_;
  std::unique_ptr<platform> shared_; ///< outlives all stores
  std::pair<std::string, std::string> name_;
  std::optional<range_keys> ranges_;
  std::optional<open_leases> ours_;
  int code_ = 0;
};

/// "target eu, feed whisks (container leases)"
std::string describe(const processor_leases& p);

} // namespace feedcast::app
