#include "feeds/cosmos/feed_description.hpp"

#include "leases/json.hpp"

#include <boost/json/object.hpp>

namespace feedcast::cosmos {

using namespace std::chrono_literals;

namespace {

/// Of the shorter kind of continuous backups. Which one an account has it does not say here.
constexpr auto least_backup = 7 * 24h;

} // namespace

result<bool> read_collection_traits(std::string_view description, feed_traits& out) {
  const auto body = json::parse_object(description, "the description of a collection");
  if (!body)
    return body.error();
  out.known = true;
  if (const auto* ttl = body->if_contains("defaultTtl"); ttl != nullptr && ttl->is_int64())
    out.default_ttl = ttl->get_int64();
  const auto* policy = body->if_contains("changeFeedPolicy");
  const auto* members = policy != nullptr ? policy->if_object() : nullptr;
  const auto minutes =
      members != nullptr ? json::number_at(*members, "retentionDuration") : std::nullopt;
  constexpr std::uint64_t most = 60 * 24 * 365;
  if (minutes.value_or(0) > 0)
    out.retention = std::chrono::minutes{std::min(*minutes, most)};
  return true;
}

result<bool> read_account_traits(std::string_view account, feed_traits& out) {
  const auto body = json::parse_object(account, "the account's answer to GET /");
  if (!body)
    return body.error();
  const auto* backup = body->if_contains("continuousBackupEnabled");
  if (!out.retention && backup != nullptr && backup->is_bool() && backup->get_bool())
    out.retention = least_backup;
  return true;
}

void describe_feed(const call_sender& send, const collection_ref& collection,
                   callback<feed_traits> done) {
  send(collection.read(), [send, done = std::move(done)](const result<http::response>& r) {
    if (!r)
      return done(r.error());
    feed_traits traits;
    if (auto read = read_collection_traits(r->body.view(), traits); !read)
      return done(read.error());
    send(read_account(), [traits, done](const result<http::response>& a) {
      if (!a)
        return done(a.error());
      auto all = traits;
      if (auto read = read_account_traits(a->body.view(), all); !read)
        return done(read.error());
      done(std::move(all));
    });
  });
}

} // namespace feedcast::cosmos
