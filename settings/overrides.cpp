#include "settings/overrides.hpp"

#include "settings/shape.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace feedcast::settings {

namespace {

constexpr std::string_view prefix = "FEEDCAST_";
constexpr std::array<std::string_view, 5> not_configuration{"CONFIG", "LOG_LEVEL", "LOG_FORMAT",
                                                            "SOURCE_DIR", "BINARY_DIR"};

std::string lower(std::string_view text) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// How a key may be spelt in a variable: lower case, `-` and `.` as `_`.
std::string spelling(std::string_view key) {
  auto out = lower(key);
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c == '-' || c == '.'; }, '_');
  return out;
}

/// Kubernetes describes every service of the namespace in the environment: a service called
/// `feedcast` or `feedcast-x` must not stop feedcast from starting.
bool is_service_link(std::string_view name, std::string_view value) {
  const auto ends = [&](std::string_view end) { return name.ends_with(end); };
  const bool address = value.starts_with("tcp://") || value.starts_with("udp://");
  return ends("SERVICE_HOST") || name.find("SERVICE_PORT") != std::string_view::npos
         || (ends("PORT") && address) || name.find("_TCP") != std::string_view::npos
         || name.find("_UDP") != std::string_view::npos;
}

std::optional<std::vector<std::string>> cut_variable(std::string_view name) {
  std::vector<std::string> segments;
  while (true) {
    const auto cut = name.find("__");
    segments.emplace_back(name.substr(0, cut));
    if (segments.back().empty())
      return std::nullopt;
    if (cut == std::string_view::npos)
      return segments;
    name.remove_prefix(cut + 2);
  }
}

/// The key that `segment` means, at a place of which the shape and the values so far are known (or
/// not).
std::string resolve(std::string_view segment, const shape* at, const node* values) {
  const auto wanted = spelling(segment);
  if (values != nullptr)
    for (const auto& child : values->children)
      if (spelling(child.key) == wanted)
        return child.key;
  if (at != nullptr && at->type == shape::kind::properties) {
    auto dotted = wanted;
    std::replace(dotted.begin(), dotted.end(), '_', '.');
    return dotted;
  }
  return lower(segment);
}

const shape* step(const shape* at, std::string_view key) {
  if (at == nullptr)
    return nullptr;
  if (at->type == shape::kind::table)
    return &at->members.front();
  const auto found = std::find_if(at->members.begin(), at->members.end(),
                                  [key](const shape& member) { return member.key == key; });
  return found == at->members.end() ? nullptr : &*found;
}

/// Cuts `a.b."c.d"` at its dots.
std::optional<std::vector<std::string>> cut_path(std::string_view path) {
  std::vector<std::string> keys;
  while (true) {
    std::string key;
    if (path.starts_with('"')) {
      const auto end = path.find('"', 1);
      if (end == std::string_view::npos)
        return std::nullopt;
      key = path.substr(1, end - 1);
      path.remove_prefix(end + 1);
    } else {
      const auto end = std::min(path.find('.'), path.size());
      key = path.substr(0, end);
      path.remove_prefix(end);
    }
    if (key.empty() || (!path.empty() && path.front() != '.'))
      return std::nullopt;
    keys.push_back(std::move(key));
    if (path.empty())
      return keys;
    path.remove_prefix(1);
  }
}

/// Where the `=` between path and value is: not inside quotes.
std::size_t find_assignment(std::string_view text) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"')
      quoted = !quoted;
    else if (text[i] == '=' && !quoted)
      return i;
  }
  return std::string_view::npos;
}

} // namespace

node environment_layer(const environment_map& environment, const node& base,
                       diagnostic_list& complaints) {
  auto layer = empty_map({origin::layer::environment, {}});
  for (auto entry = environment.lower_bound(std::string{prefix});
       entry != environment.end() && entry->first.starts_with(prefix); ++entry) {
    const auto& [name, value] = *entry;
    const auto rest = std::string_view{name}.substr(prefix.size());
    if (std::find(not_configuration.begin(), not_configuration.end(), rest)
            != not_configuration.end()
        || is_service_link(rest, value))
      continue;
    const origin at{origin::layer::environment, name};
    const auto segments = cut_variable(rest);
    if (!segments) {
      complaints.error(at, {}, "does not name a key",
                       "nest with two underscores: FEEDCAST_TARGETS__EU__KAFKA__TOPIC");
      continue;
    }
    std::vector<std::string> keys;
    const auto* shape_here = &service_shape();
    const auto* base_here = &base;
    for (const auto& segment : *segments) {
      keys.push_back(resolve(segment, shape_here, base_here));
      shape_here = step(shape_here, keys.back());
      base_here = base_here == nullptr ? nullptr : base_here->find(keys.back());
    }
    put_at(layer, keys, value, at);
  }
  return layer;
}

node command_line_layer(const std::vector<std::string>& sets, diagnostic_list& complaints) {
  const origin at{origin::layer::command_line, {}};
  auto layer = empty_map(at);
  for (const auto& text : sets) {
    const auto assignment = find_assignment(text);
    const auto keys = cut_path(std::string_view{text}.substr(0, assignment));
    if (assignment == std::string::npos || !keys)
      // Not shown: a mistyped assignment may hold a secret.
      complaints.error(at, {}, "not of the form path=value",
                       "write --set 'targets.eu.kafka.properties.\"security.protocol\"=SSL'");
    else
      put_at(layer, *keys, text.substr(assignment + 1), at);
  }
  return layer;
}

} // namespace feedcast::settings
