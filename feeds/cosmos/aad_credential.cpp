#include "feeds/cosmos/aad_credential.hpp"

#include "core/log.hpp"
#include "feeds/tokens/token_request.hpp"
#include "feeds/tokens/token_source.hpp"
#include "leases/json.hpp"
#include "settings/secret_source.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <utility>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

constexpr milliseconds token_deadline = 10s;
constexpr std::string_view assertion_type =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view unknown_resource = "AADSTS500011";

struct known_refusal {
  std::string_view code;
  std::string_view advice;
};

/// What operators meet, by the code at the beginning of Entra's text. The text itself is never
/// shown: it holds identifiers, and its form is anybody's guess.
constexpr std::array<known_refusal, 11> known_refusals{{
    {"AADSTS7000215",
     "the client secret is wrong: write its value, not its id, into `client_secret`"},
    {"AADSTS7000222", "the client secret has expired: make a new one and write it into its file"},
    {"AADSTS700016", "the tenant does not know the application: check `client_id` and `tenant`"},
    {"AADSTS700213", "no federated credential of the application matches the token file: check "
                     "issuer, subject and audience"},
    {"AADSTS70021", "no federated credential of the application matches the token file: check "
                    "issuer, subject and audience"},
    {"AADSTS700211", "no federated credential of the application has this cluster's issuer"},
    {"AADSTS700024", "the token file's token has expired: is it renewed, and the clock right?"},
    {"AADSTS90002", "there is no such tenant: check `tenant` and `authority`"},
    {"AADSTS900023", "`tenant` is neither a tenant's id nor one of its domains"},
    {"AADSTS7000112", "the application is disabled"},
    {"AADSTS500011", "the tenant knows neither the account nor Cosmos DB as a resource"},
}};

/// Entra's code in a refusal ("AADSTS500011"), or "".
std::string entra_code(const http::response& answer) {
  constexpr std::string_view head = "AADSTS";
  const auto o = json::parse_object(answer.body.view(), "the refusal");
  const auto text = o ? json::text_at(*o, "error_description") : std::nullopt;
  const auto at = text ? text->find(head) : std::string::npos;
  if (at == std::string::npos)
    return {};
  const auto end = text->find_first_not_of("0123456789", at + head.size());
  return text->substr(at, std::min(end, text->size()) - at).substr(0, 20);
}

std::string advice_for(const std::string& code, const std::string& otherwise) {
  for (const auto& known : known_refusals)
    if (known.code == code)
      return code + ", " + std::string{known.advice};
  return code.empty() ? otherwise : code + (otherwise.empty() ? "" : ", " + otherwise);
}

class bearer_proof final : public proof {
 public:
  explicit bearer_proof(tokens::token_ptr token)
      : token_{std::move(token)}
      , header_{http::encode_segment("type=aad&ver=1.0&sig=" + token_->value)} {}

  std::string authorization(const signed_resource& /*what*/,
                            std::string_view /*date*/) const override {
    return header_;
  }

  const tokens::token_ptr& token() const noexcept { return token_; }

 private:
  tokens::token_ptr token_;
  std::string header_;
};

/// Asks one endpoint for tokens, in one of three ways. Shared by the requests under way.
class token_asker : public std::enable_shared_from_this<token_asker> {
 public:
  token_asker(settings::aad_config config, const std::string& account_host,
              tokens::token_endpoint endpoint, const transport_factory& servers,
              const clock_source& clock)
      : config_{std::move(config)}
      , account_resource_{"https://" + account_host}
      , endpoint_{std::move(endpoint)}
      , server_{servers(endpoint_.server)}
      , clock_{clock} {}

  void ask(callback<tokens::fetched_token> done) {
    auto request = managed() ? result<http::request>{managed_request()} : client_request();
    if (!request)
      return done(request.error());
    server_->send(std::move(*request), token_deadline,
                  [weak = weak_from_this(), done = std::move(done)](result<http::response> r) {
                    if (auto self = weak.lock())
                      self->on_answer(std::move(r), done);
                  });
  }

 private:
  bool managed() const { return config_.identity == "managed_identity"; }

  std::string resource() const { return general_ ? "https://cosmos.azure.com" : account_resource_; }

  result<http::request> client_request() const {
    const auto scope = resource() + "/.default";
    if (config_.identity == "client_secret") {
      const auto secret = settings::read_again(config_.client_secret);
      return tokens::token_request(endpoint_, {{"grant_type", "client_credentials"},
                                               {"client_id", config_.client_id},
                                               {"client_secret", secret.reveal()},
                                               {"scope", scope}});
    }
    const auto assertion = settings::read_again(settings::secret{"", config_.token_file});
    if (assertion.empty())
      return make_error(errc::unauthorized,
                        "the token file " + config_.token_file + " can't be read, or is empty");
    return tokens::token_request(endpoint_, {{"grant_type", "client_credentials"},
                                             {"client_id", config_.client_id},
                                             {"client_assertion_type", assertion_type},
                                             {"client_assertion", assertion.reveal()},
                                             {"scope", scope}});
  }

  /// The instance metadata service, or, with a header of its own, the endpoint of App Service and
  /// Container Apps.
  http::request managed_request() const {
    const bool app_service = !config_.identity_header.empty();
    http::request r;
    r.target = endpoint_.target;
    r.target += r.target.find('?') == std::string::npos ? '?' : '&';
    r.target += tokens::encode_form({{"api-version", app_service ? "2019-08-01" : "2018-02-01"},
                                     {"resource", resource()},
                                     {"client_id", config_.client_id}});
    if (app_service)
      r.headers.set("x-identity-header", config_.identity_header.reveal());
    else
      r.headers.set("metadata", "true");
    r.headers.set("accept", "application/json");
    return r;
  }

  void on_answer(result<http::response> r, const callback<tokens::fetched_token>& done) {
    const auto where = "the token endpoint " + endpoint_.server.to_string();
    if (!r) {
      auto e = r.error();
      e.detail = where + ": " + e.detail;
      return done(std::move(e));
    }
    if (r->status == 200)
      return done(tokens::read_token(*r, clock_.wall()));
    const auto code = entra_code(*r);
    if (code == unknown_resource && !general_.exchange(true)) {
      log::info("tokens are asked for Cosmos DB as such: the tenant does not know the account",
                {{"account", account_resource_}});
      return ask(done);
    }
    done(tokens::token_refused(*r, where, advice_for(code, usual_advice(r->status))));
  }

  std::string usual_advice(unsigned status) const {
    if (managed() && (status == 400 || status == 404))
      return "this machine has no such managed identity: assign one, or correct `client_id`";
    if (status == 401)
      return "the identity is refused: check `client_id` and its secret";
    return {};
  }

  const settings::aad_config config_;
  const std::string account_resource_;
  const tokens::token_endpoint endpoint_;
  const std::shared_ptr<transport> server_;
  const clock_source& clock_;
  std::atomic<bool> general_{false}; ///< tokens for Cosmos DB as such
};

class aad final : public credential, public std::enable_shared_from_this<aad> {
 public:
  aad(const std::string& account_host, const std::shared_ptr<token_asker>& asker,
      const clock_source& clock)
      : source_{tokens::token_source::make(
          "aad of " + account_host,
          [asker](callback<tokens::fetched_token> done) { asker->ask(std::move(done)); }, clock)} {}

  void prove(callback<proof_ptr> done) override {
    source_->get(
        [weak = weak_from_this(), done = std::move(done)](const result<tokens::token_ptr>& token) {
          if (!token)
            return done(token.error());
          if (auto self = weak.lock())
            done(self->proof_of(*token));
        });
  }

  bool refused(const proof_ptr& used, unsigned status) override {
    // 403 is a missing role: another token would have as few.
    return status == 401 && source_->refused(static_cast<const bearer_proof&>(*used).token());
  }

 private:
  /// One proof per token, so that encoding it is not done for every request.
  proof_ptr proof_of(const tokens::token_ptr& token) {
    const std::lock_guard lock{mutex_};
    if (!last_ || last_->token() != token)
      last_ = std::make_shared<const bearer_proof>(token);
    return last_;
  }

  const std::shared_ptr<tokens::token_source> source_;
  std::mutex mutex_; ///< guards last_
  std::shared_ptr<const bearer_proof> last_;
};

result<tokens::token_endpoint> endpoint_of(const settings::aad_config& config) {
  if (config.identity == "managed_identity")
    return tokens::parse_token_endpoint(config.identity_endpoint, tokens::plain_http::link_local);
  auto base = tokens::parse_token_endpoint(config.authority);
  if (base)
    base->target = '/' + http::encode_segment(config.tenant) + "/oauth2/v2.0/token";
  return base;
}

} // namespace

result<std::shared_ptr<credential>> aad_credential(const settings::aad_config& config,
                                                   const std::string& account_host,
                                                   const transport_factory& servers,
                                                   const clock_source& clock) {
  auto endpoint = endpoint_of(config);
  if (!endpoint)
    return make_error(errc::rejected, "aad: " + endpoint.error().detail);
  return std::make_shared<aad>(
      account_host,
      std::make_shared<token_asker>(config, account_host, std::move(*endpoint), servers, clock),
      clock);
}

} // namespace feedcast::cosmos
