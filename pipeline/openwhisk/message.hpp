#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What is known of OpenWhisk: how an id becomes a cache key, and the bytes its controllers read.
namespace feedcast::openwhisk {

/// Bytes of a message around its (escaped) main id.
inline constexpr std::string_view message_head =
    R"({"instanceId":"cache-invalidator","key":{"mainId":")";
inline constexpr std::string_view message_tail = R"("}})";

struct appended_message {
  std::size_t offset = 0; ///< of the message in `out`
  std::size_t size = 0;
  std::size_t key_offset = 0; ///< of the unescaped main id, for use as record key
  std::size_t key_size = 0;
};

/// Appends the invalidation of one cache key, byte for byte as the replaced service writes it
/// (compact, members in alphabetical order, only `"`, `\` and control characters escaped).
/// `stored_id` is the id as the database holds it:
/// `|` becomes `/`. If the id needs escaping, the plain key follows the message in `out`; else it
/// lies inside it.
appended_message append_invalidation(std::string& out, std::string_view stored_id);

/// The namespace that a limits document `<namespace>/limits` (stored with `|`) belongs to; empty
/// for other ids.
std::string_view limits_namespace(std::string_view stored_id) noexcept;

} // namespace feedcast::openwhisk
