#include "feeds/cosmos/auth.hpp"

#include "http/crypto/digest.hpp"
#include "http/message.hpp"

namespace feedcast::cosmos {

namespace {

void append_lower(std::string& out, std::string_view text) {
  for (const auto c : text)
    out += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
}

} // namespace

result<master_key> master_key::parse(const settings::secret& text) {
  auto raw = http::crypto::base64_decode(text.reveal());
  if (!raw || raw->empty())
    return make_error(errc::rejected,
                      "the account key is not base64: copy the primary or secondary "
                      "key of the account as it is, to its last '='");
  return master_key{std::move(*raw)};
}

std::string master_key::signature(const signed_resource& what, std::string_view date) const {
  // Five lines. The last one is for a `date` header, which is never sent beside x-ms-date and so
  // stays empty.
  std::string text;
  append_lower(text, what.verb);
  text += '\n';
  append_lower(text, what.type);
  text += '\n';
  text += what.link;
  text += '\n';
  append_lower(text, date);
  text += "\n\n";
  return http::crypto::base64_encode(http::crypto::hmac_sha256(raw_, text));
}

std::string master_key::authorization(const signed_resource& what, std::string_view date) const {
  return http::encode_segment("type=master&ver=1.0&sig=" + signature(what, date));
}

} // namespace feedcast::cosmos
