#include "settings/check_context.hpp"
#include "settings/files.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace feedcast::settings {

namespace {

/// Complains unless `text` is a URL that a secret may be sent to.
void check_url(const check_context& context, const key_path& path, const std::string& text,
               bool link_local_too, const char* example) {
  const auto parts = split_url(text);
  if (!parts)
    return context.error(path, "is not a URL", std::string{"write "} + example);
  const auto server = parse_endpoint(parts->server);
  const bool near =
      server && (is_loopback(server->host) || (link_local_too && is_link_local(server->host)));
  if (server && server->scheme == "http" && !near)
    context.error(path,
                  link_local_too
                      ? "plain http is accepted for loopback and 169.254.* addresses only"
                      : "plain http is accepted for loopback addresses only",
                  "write https://");
}

/// The settings of an identity, and of which kind each is.
struct identity_setting {
  std::string_view name;
  std::string_view of;      ///< the kinds that use it
  std::string_view needed;  ///< the kinds that can't do without it
  std::string_view missing; ///< how to mend that
};

constexpr std::array<identity_setting, 6> identity_settings{{
    {"tenant", "client_secret workload_identity", "client_secret workload_identity",
     "write the tenant's id; a workload's is in AZURE_TENANT_ID, which Azure's webhook sets"},
    {"client_id", "client_secret workload_identity managed_identity",
     "client_secret workload_identity",
     "write the application's id; a workload's is in AZURE_CLIENT_ID, which Azure's webhook sets"},
    {"client_secret", "client_secret", "client_secret",
     "add `client_secret: {from_file: PATH}` or {from_env: NAME}"},
    {"token_file", "workload_identity", "workload_identity",
     "write the path; it is in AZURE_FEDERATED_TOKEN_FILE where Azure's webhook is at work"},
    {"authority", "client_secret workload_identity", "", ""},
    {"identity_endpoint", "managed_identity", "", ""},
}};

bool is_empty(const aad_config& aad, std::string_view name) {
  if (name == "tenant")
    return aad.tenant.empty();
  if (name == "client_id")
    return aad.client_id.empty();
  if (name == "client_secret")
    return aad.client_secret.empty();
  return name == "token_file" && aad.token_file.empty();
}

void check_identity(const check_context& context, const key_path& path, const aad_config& aad) {
  for (const auto& s : identity_settings) {
    const auto at = path / s.name;
    const bool given = context.given(at);
    if (given && s.of.find(aad.identity) == std::string_view::npos)
      context.error(at, "has no meaning for `identity: " + aad.identity + '`', "remove it");
    else if (s.needed.find(aad.identity) != std::string_view::npos && is_empty(aad, s.name)
             && !(given && s.name == "client_secret")) // complained about already
      context.error(at, "is missing", std::string{s.missing});
  }
  if (context.given(path / "identity_header")
      && (aad.identity != "managed_identity" || !context.given(path / "identity_endpoint")))
    context.error(path / "identity_header", "goes with an identity_endpoint only",
                  "remove it, or name the endpoint");
  if (!aad.tenant.empty() && !is_host_name(aad.tenant))
    context.error(path / "tenant", "is neither the id of a tenant nor a domain",
                  "copy the directory (tenant) id");
  if (!aad.client_id.empty() && !is_name(aad.client_id))
    context.error(path / "client_id", "is not the id of an application",
                  "copy the application (client) id");
  if (aad.identity == "managed_identity")
    return check_url(context, path / "identity_endpoint", aad.identity_endpoint, true,
                     "http://169.254.169.254/metadata/identity/oauth2/token");
  check_url(context, path / "authority", aad.authority, false,
            "https://login.microsoftonline.com/");
  constexpr std::size_t largest = std::size_t{64} << 10U;
  if (aad.identity == "workload_identity" && !aad.token_file.empty())
    if (const auto bytes = read_small_file(aad.token_file, largest); !bytes || bytes->empty())
      context.error(path / "token_file",
                    aad.token_file + ": " + (bytes ? "is empty" : bytes.error().detail),
                    "check the path and the rights of the user feedcast runs as");
}

bool is_resource_token(const std::string& text) {
  return text.starts_with("type=resource&") || text.starts_with("type%3Dresource%26")
         || text.starts_with("type%3dresource%26");
}

std::string property(const kafka_config& kafka, const char* name) {
  const auto found = kafka.properties.find(name);
  auto text = found == kafka.properties.end() ? std::string{} : found->second;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

/// As RFC 7628 has them: letters, and a text without line ends.
bool is_extension(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos || text.substr(0, equals) == "auth")
    return false;
  const auto name = text.substr(0, equals);
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalpha(c) != 0; })
         && std::all_of(text.begin(), text.end(),
                        [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
}

} // namespace

void check_credentials(const check_context& context, const key_path& path,
                       const account_config& account) {
  std::string given;
  std::size_t count = 0;
  for (const auto* name : {"key", "resource_token", "aad"})
    if (context.given(path / name)) {
      given += (count++ == 0 ? "" : " and ") + std::string{name};
    }
  if (count == 0)
    return context.error(path / "key", "is missing",
                         "add `key: {from_file: PATH}` or {from_env: NAME}; or resource_token, or "
                         "aad");
  if (count > 1)
    context.error(path, "has several credentials: " + given, "keep one of them");
  if (!account.key.empty() && account.type == "cosmosdb" && !is_base64(account.key.reveal()))
    context.error(path / "key", "is not base64",
                  "copy the whole primary or secondary key of the account");
  if (!account.resource_token.empty() && !is_resource_token(account.resource_token.reveal()))
    context.error(path / "resource_token", "is not a resource token",
                  "copy the `_token` of a permission, which begins with type=resource&ver=");
  if (account.aad)
    check_identity(context, path / "aad", *account.aad);
}

void check_oauth(const check_context& context, const key_path& path, const kafka_config& kafka) {
  auto mechanism = property(kafka, "sasl.mechanism");
  if (mechanism.empty())
    mechanism = property(kafka, "sasl.mechanisms");
  if (!kafka.oauth) {
    // librdkafka makes tokens of its own that no broker should take; everybody else is waited for.
    if (mechanism == "OAUTHBEARER"
        && !kafka.properties.contains("enable.sasl.oauthbearer.unsecure.jwt"))
      context.error(
          path / "oauth", "is missing, which sasl.mechanism OAUTHBEARER needs",
          "add `oauth: {token_url: ..., client_id: ..., client_secret: {from_file: ...}}`");
    return;
  }
  const auto at = path / "oauth";
  const auto& oauth = *kafka.oauth;
  if (oauth.token_url.empty())
    context.error(at / "token_url", "is missing", "write https://HOST/PATH of the token endpoint");
  else
    check_url(context, at / "token_url", oauth.token_url, false,
              "https://login.example/oauth2/token");
  if (oauth.client_id.empty())
    context.error(at / "client_id", "is missing", "add `client_id:`");
  if (oauth.client_secret.empty() && !context.given(at / "client_secret"))
    context.error(at / "client_secret", "is missing",
                  "add `client_secret: {from_file: PATH}` or {from_env: NAME}");
  for (std::size_t i = 0; i < oauth.extensions.size(); ++i)
    if (!is_extension(oauth.extensions[i]))
      context.error(at / "extensions" / i, "is not NAME=VALUE",
                    "the name has letters only and is not `auth`, as in logicalCluster=lkc-1");
  if (!mechanism.empty() && mechanism != "OAUTHBEARER")
    context.error(at, "is for sasl.mechanism OAUTHBEARER", "remove it, or the sasl.mechanism");
  if (!property(kafka, "security.protocol").starts_with("SASL_"))
    context.error(path / "properties" / "security.protocol", "must be SASL_SSL for oauth",
                  "write `security.protocol: SASL_SSL`");
}

} // namespace feedcast::settings
