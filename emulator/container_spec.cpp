#include "emulator/container_spec.hpp"

#include "emulator/document.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <array>

namespace feedcast::emulator {
namespace {

namespace json = boost::json;

/// The one path of {"paths":["/id"],"kind":"Hash","version":2}; completes the definition in place,
/// since every container here hashes by version 2.
answer<std::string> complete_partition_key(json::object& definition) {
  auto& key = definition["partitionKey"];
  if (key.is_null())
    key = {{"paths", {"/id"}}};
  if (!key.is_object())
    return refuse(400, "'partitionKey' must be an object with 'paths'");
  json::object& parts = key.get_object();
  const json::value* paths = parts.if_contains("paths");
  if (paths == nullptr || !paths->is_array() || paths->get_array().size() != 1
      || !paths->get_array()[0].is_string())
    return refuse(
        400, "'partitionKey.paths' must hold exactly one path; hierarchical partition keys are not "
             "supported");
  // Copied: what is inserted below may move the members.
  std::string path{paths->get_array()[0].get_string()};
  if (!parts.contains("kind"))
    parts["kind"] = "Hash";
  if (parts["kind"] != "Hash")
    return refuse(400, "'partitionKey.kind' must be Hash");
  parts["version"] = 2;
  return path;
}

answer<std::optional<std::int64_t>> read_default_ttl(const json::object& definition) {
  const json::value* ttl = definition.if_contains("defaultTtl");
  if (ttl == nullptr || ttl->is_null())
    return std::optional<std::int64_t>{};
  constexpr std::int64_t longest = 2147483647;
  if (!ttl->is_int64() || ttl->get_int64() < -1 || ttl->get_int64() == 0
      || ttl->get_int64() > longest)
    return refuse(400, "'defaultTtl' must be -1 or a positive whole number of seconds");
  return std::optional<std::int64_t>{ttl->get_int64()};
}

/// Of {"retentionDuration":10}, in minutes; 0 is the same as no policy.
answer<std::optional<std::int64_t>> read_retention(const json::object& definition) {
  const json::value* policy = definition.if_contains("changeFeedPolicy");
  if (policy == nullptr || policy->is_null())
    return std::optional<std::int64_t>{};
  constexpr std::int64_t longest = 30 * 24 * 60; // as long as the service's backups
  const json::object* members = policy->if_object();
  const json::value* minutes =
      members == nullptr ? nullptr : members->if_contains("retentionDuration");
  if (minutes == nullptr || !minutes->is_int64() || minutes->get_int64() < 0
      || minutes->get_int64() > longest)
    return refuse(400,
                  "'changeFeedPolicy.retentionDuration' must be a whole number of minutes, 0 to "
                      + std::to_string(longest));
  if (minutes->get_int64() == 0)
    return std::optional<std::int64_t>{};
  return std::optional<std::int64_t>{minutes->get_int64() * 60};
}

answer<container_spec> complete(json::object definition) {
  const json::value* id = definition.if_contains("id");
  if (id == nullptr || !id->is_string())
    return refuse(400, "the container definition has no string member 'id'");
  auto name = check_name(id->get_string());
  if (!name)
    return name.error();
  auto path = complete_partition_key(definition);
  if (!path)
    return path.error();
  auto names = parse_key_path(*path);
  if (!names)
    return refuse(400, "the partition key path must look like /id or /a/b");
  auto ttl = read_default_ttl(definition);
  if (!ttl)
    return ttl.error();
  const auto retention = read_retention(definition);
  if (!retention)
    return retention.error();

  constexpr std::array<std::string_view, 9> system_members = {
      "_rid", "_self", "_etag", "_ts", "_docs", "_sprocs", "_triggers", "_udfs", "_conflicts"};
  for (const std::string_view member : system_members)
    definition.erase(member);
  container_spec spec;
  spec.name = std::move(*name);
  spec.key_path = std::move(*path);
  spec.key_names = std::move(*names);
  spec.default_ttl = *ttl;
  spec.own_retention = *retention;
  spec.members = json::serialize(definition);
  spec.members.pop_back();
  return spec;
}

} // namespace

answer<std::string> check_name(std::string_view name) {
  constexpr std::size_t longest = 255;
  if (name.empty() || name.size() > longest)
    return refuse(400, "a name must have 1 to 255 bytes");
  if (name.find_first_of("/\\?#") != std::string_view::npos)
    return refuse(400, "a name may not hold / \\ ? or #");
  // Names go into headers, too.
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }))
    return refuse(400, "a name may not hold control characters");
  return std::string(name);
}

answer<container_spec> read_container_spec(std::string_view text) {
  json::error_code failure;
  json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object())
    return refuse(400, "the container definition is not a JSON object");
  return complete(std::move(parsed.get_object()));
}

answer<container_spec> make_container_spec(std::string_view name, std::string_view key_path,
                                           std::uint32_t ranges) {
  if (ranges == 0 || ranges > max_ranges)
    return refuse(400, "a container has 1 to " + std::to_string(max_ranges) + " ranges");
  auto spec =
      complete({{"id", name}, {"partitionKey", {{"paths", {key_path}}}}, {"defaultTtl", -1}});
  if (spec)
    spec->ranges = ranges;
  return spec;
}

} // namespace feedcast::emulator
