#pragma once

#include "core/clock.hpp"
#include "feeds/cosmos/account_document.hpp"
#include "feeds/cosmos/credential.hpp"
#include "feeds/cosmos/resources.hpp"
#include "feeds/cosmos/signer.hpp"
#include "feeds/cosmos/transport.hpp"
#include "settings/service_config.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::cosmos {

struct account_options {
  std::string name;     ///< as configured, for texts and logs
  std::string endpoint; ///< "https://acme.documents.azure.com:443/"
  settings::secret key; ///< unless there is another `credential`
  /// Asked after a refusal for the key that is right by now; empty = the one above stays.
  std::function<settings::secret()> reload_key{};
  std::shared_ptr<cosmos::credential> credential{}; ///< instead of the key
  std::vector<std::string> regions; ///< wanted for reading, best first; empty = the account's order
  milliseconds refresh_every{5 * 60'000};
  milliseconds read_deadline{10'000}; ///< of one try to read the account document
};

enum class access : std::uint8_t {
  read,  ///< at the chosen read region
  write, ///< at the account's write region; also for reads that must see those writes
};

/// One database account as one target sees it: knows which region to ask, authorizes, and names
/// errors.
/// The account document is read before the first call, again every `refresh_every`, and at once
/// after signs that the regions changed (403/3, 403/1008, connection failures). A failing read
/// never hops to another region: only a new account document moves it, so that no region's replica
/// is mixed with another's without it being known. Thread-safe; nothing blocks. Answers come on the
/// transport's threads, never after destruction has begun.
class account : public std::enable_shared_from_this<account> {
 public:
  /// `rejected` if endpoint or key can't be used: plain http other than loopback, bad URL, key not
  /// base64. `clock` outlives the account.
  static result<std::shared_ptr<account>> open(account_options options,
                                               transport_factory transports,
                                               const clock_source& clock = system_clock_source());

  /// Sends the call, signed. Only successes (2xx, 304) are responses here; all else is an error
  /// with its meaning.
  void send(call c, access how, milliseconds deadline, callback<http::response> done);

  /// Where a page of a feed is to be read, as of the last account document.
  struct reading {
    endpoint_choice regions;
    wall_time seen{}; ///< when that document was asked for
  };

  /// Answers at once if an account document is known. `unavailable` if the region that must be read
  /// is not in it.
  void place_to_read(callback<reading> done);

  /// Sends the call to one region and no other.
  void send_to(const region_endpoint& where, call c, milliseconds deadline,
               callback<http::response> done);

  /// Reads the account document now, or joins a reading under way; for checks of the configuration.
  void refresh(callback<endpoint_choice> done);

  /// Where reads and writes go at present; nullopt before the first account document.
  std::optional<endpoint_choice> endpoints() const;

  const http::origin& configured() const noexcept { return configured_; }

  milliseconds clock_offset() const noexcept { return signer_.clock_offset(); }

 private:
  struct attempt; ///< one call on its way
  using attempt_ptr = std::shared_ptr<attempt>;

  account(account_options options, http::origin configured,
          std::shared_ptr<cosmos::credential> credential, transport_factory transports,
          const clock_source& clock);

  void dispatch(const attempt_ptr& a);
  void transmit(const attempt_ptr& a, const http::origin& server);
  void on_answer(const attempt_ptr& a, const http::origin& server, result<http::response> answer);
  bool renew_credential(const attempt& a, unsigned status);
  void look_after_document();
  result<reading> reading_now() const;
  void regions_in_doubt();
  void start_reading();
  void read_from(std::vector<http::origin> candidates, std::size_t index);
  void on_read(result<account_document> read);
  void report(const endpoint_choice& now);
  std::shared_ptr<transport> transport_to(const http::origin& server);
  std::vector<http::origin> document_sources() const;

  const account_options options_;
  const http::origin configured_;
  const transport_factory make_transport_;
  const clock_source& clock_;
  const std::shared_ptr<cosmos::credential> credential_;
  signer signer_;

  mutable std::mutex mutex_; ///< guards all below; never held while calling out
  std::optional<account_document> document_;
  std::optional<endpoint_choice> choice_;
  steady_time reading_started_{};
  wall_time asked_at_{};       ///< the reading under way, or the last one
  wall_time document_at_{};    ///< when `document_` was asked for
  steady_time next_reading_{}; ///< from then on any call sets off another one
  bool reading_ = false;
  std::vector<callback<endpoint_choice>> waiting_; ///< for the reading under way
  std::map<std::string, std::shared_ptr<transport>>
      transports_; ///< kept: a closed one would forget its answers
};

} // namespace feedcast::cosmos
