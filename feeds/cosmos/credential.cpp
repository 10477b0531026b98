#include "feeds/cosmos/credential.hpp"

#include "feeds/cosmos/aad_credential.hpp"
#include "http/message.hpp"
#include "http/url.hpp"
#include "settings/secret_source.hpp"

#include <mutex>
#include <utility>

namespace feedcast::cosmos {

namespace {

using parsed_proof = result<proof_ptr>;
using proof_parser = parsed_proof (*)(const settings::secret&);

class key_proof final : public proof {
 public:
  explicit key_proof(master_key key) : key_{std::move(key)} {}

  std::string authorization(const signed_resource& what, std::string_view date) const override {
    return key_.authorization(what, date);
  }

 private:
  master_key key_;
};

/// A token that says all by itself.
class token_proof final : public proof {
 public:
  explicit token_proof(std::string header) : header_{std::move(header)} {}

  std::string authorization(const signed_resource& /*what*/,
                            std::string_view /*date*/) const override {
    return header_;
  }

 private:
  std::string header_;
};

parsed_proof parse_key(const settings::secret& text) {
  auto key = master_key::parse(text);
  if (!key)
    return key.error();
  return std::make_shared<const key_proof>(std::move(*key));
}

parsed_proof parse_resource_token(const settings::secret& text) {
  constexpr std::size_t longest = std::size_t{8} << 10U; // what the service takes
  // Some tools hand it out URL-encoded already.
  const auto plain = text.reveal().starts_with("type%3D") || text.reveal().starts_with("type%3d")
                         ? http::decode_segment(text.reveal())
                         : text.reveal();
  if (!plain.starts_with("type=resource&") || plain.size() > longest)
    return make_error(errc::rejected, "this is no resource token: it begins with "
                                      "`type=resource&ver=`, as a permission's `_token` does");
  return std::make_shared<const token_proof>(http::encode_segment(plain));
}

/// A secret that is good until somebody writes another one into its file.
class fixed_credential final : public credential {
 public:
  fixed_credential(const settings::secret& secret, proof_ptr first, proof_parser parse,
                   secret_reader reread)
      : parse_{parse}
      , reread_{std::move(reread)}
      , text_{secret.reveal()}
      , proof_{std::move(first)} {}

  void prove(callback<proof_ptr> done) override {
    proof_ptr now;
    {
      const std::lock_guard lock{mutex_};
      now = proof_;
    }
    done(std::move(now));
  }

  bool refused(const proof_ptr& used, unsigned /*status*/) override {
    {
      const std::lock_guard lock{mutex_};
      if (used != proof_)
        return true; // another call was faster
    }
    if (!reread_)
      return false;
    const auto text = reread_();
    auto fresh = parse_(text);
    if (!fresh)
      return false; // half written, or wrong: the next refusal looks again
    const std::lock_guard lock{mutex_};
    if (text.reveal() == text_)
      return false;
    text_ = text.reveal();
    proof_ = std::move(*fresh);
    return true;
  }

 private:
  const proof_parser parse_;
  const secret_reader reread_;
  std::mutex mutex_; ///< guards what follows
  std::string text_;
  proof_ptr proof_;
};

result<std::shared_ptr<credential>> fixed(const settings::secret& secret, proof_parser parse,
                                          secret_reader reread) {
  auto first = parse(secret);
  if (!first)
    return first.error();
  return std::make_shared<fixed_credential>(secret, std::move(*first), parse, std::move(reread));
}

secret_reader from_its_file(const settings::secret& known) {
  return [known] { return settings::read_again(known); };
}

} // namespace

result<std::shared_ptr<credential>> key_credential(const settings::secret& key,
                                                   secret_reader reread) {
  return fixed(key, parse_key, std::move(reread));
}

result<std::shared_ptr<credential>> resource_token_credential(const settings::secret& token,
                                                              secret_reader reread) {
  return fixed(token, parse_resource_token, std::move(reread));
}

result<std::shared_ptr<credential>> make_credential(const settings::account_config& account,
                                                    const transport_factory& token_servers,
                                                    const transport_factory& nearby_servers,
                                                    const clock_source& clock) {
  if (account.aad) {
    const auto endpoint = http::parse_origin(account.endpoint);
    if (!endpoint)
      return endpoint.error();
    return aad_credential(
        *account.aad, endpoint->host,
        account.aad->identity == "managed_identity" ? nearby_servers : token_servers, clock);
  }
  if (!account.resource_token.empty())
    return resource_token_credential(account.resource_token, from_its_file(account.resource_token));
  return key_credential(account.key, from_its_file(account.key));
}

} // namespace feedcast::cosmos
