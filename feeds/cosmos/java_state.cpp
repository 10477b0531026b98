#include "feeds/cosmos/java_state.hpp"

#include "http/crypto/digest.hpp"
#include "leases/json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>

namespace feedcast::cosmos {

namespace {

constexpr std::string_view all_versions_mode = "FULL_FIDELITY";
constexpr std::size_t longest_state = std::size_t{64} << 10;

error no_state(std::string_view what) {
  return make_error(errc::malformed,
                    "its ContinuationToken is no state of the Java SDK: " + std::string{what});
}

/// Readers use either alphabet, with padding or without.
result<boost::json::object> decode(std::string_view text) {
  if (text.size() > longest_state)
    return no_state("it is over 64 KiB");
  std::string plain{text};
  std::replace(plain.begin(), plain.end(), '-', '+');
  std::replace(plain.begin(), plain.end(), '_', '/');
  while (plain.size() % 4 != 0)
    plain += '=';
  const auto bytes = http::crypto::base64_decode(plain);
  if (!bytes)
    return no_state("it is not base64");
  auto state = json::parse_object(*bytes, "the state");
  if (!state)
    return no_state("it is not the base64 of a JSON object");
  return state;
}

/// In the alphabet that all readers share: with these characters escaped no group of six bits of
/// ASCII text is one of the two that alphabets write differently.
std::string encode(const boost::json::object& state) {
  std::string plain;
  for (const auto c : boost::json::serialize(state)) {
    switch (c) {
    case '>':
      plain += "\\u003e";
      break;
    case '?':
      plain += "\\u003f";
      break;
    case '~':
      plain += "\\u007e";
      break;
    case 0x7f:
      plain += "\\u007f";
      break;
    default:
      plain += c;
    }
  }
  auto text = http::crypto::base64_encode(plain);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

boost::json::object range_of(const key_span& keys) {
  return {{"min", keys.min}, {"max", keys.max}};
}

boost::json::object entry_of(const std::string& continuation, const key_span& keys) {
  return {{"token", continuation}, {"range", range_of(keys)}};
}

/// The one continuation of a state; null if the state has none yet.
result<boost::json::object*> entry_in(boost::json::object& state, settings::feed_mode mode) {
  if (json::number_at(state, "V") != 1)
    return no_state("its version is not 1");
  const bool all = json::text_at(state, "Mode") == all_versions_mode;
  if (all != (mode == settings::feed_mode::all_versions))
    return make_error(errc::rejected,
                      std::string{"it belongs to a processor of "}
                          + (all ? "all versions and deletes (FULL_FIDELITY)"
                                 : "the latest versions (INCREMENTAL)")
                          + ", whose positions mean something else: choose another lease prefix");
  auto* composite = state.if_contains("Continuation");
  if (composite == nullptr || composite->is_null())
    return static_cast<boost::json::object*>(nullptr);
  auto* list =
      composite->is_object() ? composite->get_object().if_contains("Continuation") : nullptr;
  if (list == nullptr || !list->is_array() || list->get_array().size() != 1
      || !list->get_array().front().is_object())
    return no_state("it does not hold exactly one continuation");
  auto& entry = list->get_array().front().get_object();
  const auto* token = entry.if_contains("token");
  if (token != nullptr && !token->is_null() && !token->is_string())
    return no_state("its token is not a text");
  return &entry;
}

} // namespace

result<std::string> read_java_state(std::string_view text, settings::feed_mode mode) {
  auto state = decode(text);
  if (!state)
    return state.error();
  const auto entry = entry_in(*state, mode);
  if (!entry)
    return entry.error();
  return *entry == nullptr ? std::string{} : json::text_at(**entry, "token").value_or("");
}

result<std::string> write_java_state(std::string_view before, const std::string& continuation,
                                     const key_span& keys, const std::string& rid,
                                     settings::feed_mode mode) {
  boost::json::object state;
  if (!before.empty()) {
    auto read = decode(before);
    if (!read)
      return read.error();
    state = std::move(*read);
    const auto entry = entry_in(state, mode);
    if (!entry)
      return entry.error();
    if (*entry != nullptr) {
      (**entry)["token"] = continuation;
      return encode(state);
    }
    // The keys move into the continuation.
    state.stable_erase("Range");
    state.stable_erase("PKRangeId");
  } else {
    state = {{"V", 1},
             {"Rid", rid},
             {"Mode", mode == settings::feed_mode::latest ? "INCREMENTAL" : all_versions_mode},
             {"StartFrom", boost::json::object{{"Type", "BEGINNING"}}}};
  }
  state["Continuation"] =
      boost::json::object{{"V", 1},
                          {"Rid", json::text_at(state, "Rid").value_or(rid)},
                          {"Continuation", boost::json::array{entry_of(continuation, keys)}},
                          {"Range", range_of(keys)}};
  return encode(state);
}

} // namespace feedcast::cosmos
