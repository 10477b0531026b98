#pragma once

#include "core/clock.hpp"
#include "core/result.hpp"
#include "http/message.hpp"
#include "settings/service_config.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace feedcast::couchdb {

enum class login_kind : std::uint8_t {
  none,   ///< a server that asks nobody who he is
  basic,  ///< name and password with each request
  cookie, ///< a session, opened with them, renewed ahead of its end
  bearer, ///< a token (JWT) that somebody else issues
};

struct login_options {
  login_kind kind = login_kind::none;
  std::string user;
  settings::secret password; ///< or the token
  /// Asked before each try with a password or token, for the one that is right by now; empty = the
  /// one above stays.
  std::function<settings::secret()> reload{};
};

/// What one request was signed with: a header field, a secret. No field if nobody is asked who he
/// is.
struct signature {
  std::string field;
  std::string value;
  std::uint64_t number = 0; ///< of the password, token or session, for login alone
  std::uint64_t trial = 0;  ///< not 0: others wait for what its answer says
};

/// Signs the requests of one server, and learns from their answers. A password or token that no
/// answer has proven yet goes with one request at a time, and so does the opening of a session:
/// what is asked for meanwhile waits, and shares a refusal. After the second one in a row, or when
/// the server says that the user is locked out, nothing is signed for `lockout`, unless `reload`
/// gives another password. For each signature given, one of accepted(), refused() and failed() is
/// called. Thread-safe; `reload` and answers are called on the caller's thread or on that which
/// brings what it waits for, never under the lock.
class login : public std::enable_shared_from_this<login> {
 public:
  /// Sends the request that opens a session, unsigned.
  using sender = std::function<void(http::request, callback<http::response>)>;

  /// `clock` outlives it. `send` may answer at any time.
  static std::shared_ptr<login> make(login_options options, sender send,
                                     const clock_source& clock = system_clock_source());

  void sign(callback<signature> done);

  /// An answer that shows that the signature is good. A renewed session is taken from its head.
  void accepted(const signature& s, const http::header_list& head);

  /// The signature is not taken, which `why` tells. Answers with another one if there is one that
  /// may be (another password or token, another session) and it is `wanted`. Else with what to tell
  /// the caller.
  void refused(const signature& s, const error& why, bool wanted, callback<signature> done);

  /// An answer that says nothing of it. `lost` if there was none: then those who wait get the
  /// error, too, as it would be theirs in turn.
  void failed(const signature& s, const error& why, bool lost);

 private:
  struct session {
    std::string cookie; ///< "AuthSession=..."
    steady_time renew_at{};
    steady_time end{};
    bool proven = false;
  };

  using waiting_list = std::vector<callback<signature>>;

  login(login_options options, sender send, const clock_source& clock);

  void sign_with_session(callback<signature> done);
  void try_secret(std::uint64_t trial, callback<signature> done);
  void open_session(std::uint64_t trial);
  void on_session(std::uint64_t trial, const result<http::response>& r);
  void session_refused(const signature& s, error why, bool wanted, callback<signature> done);
  void secret_refused(const signature& s, const error& why, bool wanted, callback<signature> done);
  settings::secret offered() const;

  // Under the lock.
  std::uint64_t claim();
  waiting_list end_trial();
  bool take(const settings::secret& offered);
  void count_refusal(bool locked);
  std::optional<error> blocked();
  error explained(error e) const;
  signature signed_now(std::uint64_t trial) const;
  bool keep_session(const http::header_list& head, bool proven);

  const login_options options_;
  const sender send_;
  const clock_source& clock_;

  mutable std::mutex mutex_; ///< guards all below; never held while calling out
  settings::secret secret_;
  std::uint64_t number_ = 1; ///< of the secret, or of the session
  bool proven_ = false;      ///< the secret, by an answer
  std::uint32_t wrong_ = 0;  ///< refusals of the secret in a row
  steady_time blocked_until_{};
  std::uint64_t trials_ = 0;
  std::uint64_t trial_ = 0; ///< the one under way; 0 = none
  waiting_list waiting_;    ///< for its end
  std::optional<session> session_;
};

} // namespace feedcast::couchdb
