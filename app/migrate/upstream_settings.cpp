#include "app/migrate/upstream_settings.hpp"

#include "app/migrate/hocon.hpp"
#include "settings/text_rules.hpp"
#include "settings/upstream_variables.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <utility>

namespace feedcast::app {

namespace {

constexpr std::string_view config_prefix = "CONFIG_";

struct name_pair {
  const char* variable;
  const char* meaning;
};

constexpr std::array<name_pair, 4> direct_variables{{
    {"COSMOSDB_ENDPOINT", "whisk.cache-invalidator.cosmosdb.endpoint"},
    {"COSMOSDB_KEY", "whisk.cache-invalidator.cosmosdb.key"},
    {"COSMOSDB_NAME", "whisk.cache-invalidator.cosmosdb.db"},
    {"KAFKA_HOSTS", "whisk.kafka.hosts"},
}};

struct line_text {
  std::size_t number;
  std::string_view text;
};

/// Lines that say something: neither blank nor a comment.
std::vector<line_text> lines_of(std::string_view text) {
  std::vector<line_text> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = settings::trimmed(text.substr(0, end));
        !line.empty() && !line.starts_with('#'))
      out.push_back({number, line});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct assignment {
  std::string name;
  std::string value;
};

/// NAME=VALUE, quotes around the value and `export` before it optional.
std::optional<assignment> assignment_of(std::string_view line) {
  if (constexpr std::string_view word = "export "; line.starts_with(word))
    line.remove_prefix(word.size());
  const auto equals = line.find('=');
  if (equals == std::string_view::npos || equals == 0)
    return std::nullopt;
  const auto name = line.substr(0, equals);
  const bool fits = std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!fits || std::isdigit(static_cast<unsigned char>(name.front())) != 0)
    return std::nullopt;
  auto value = line.substr(equals + 1);
  const auto quote = value.empty() ? '\0' : value.front();
  if ((quote == '"' || quote == '\'') && value.size() > 1 && value.back() == quote)
    value = value.substr(1, value.size() - 2);
  return assignment{std::string{name}, std::string{value}};
}

/// As variables of an environment are named, not settings of HOCON.
bool looks_like_variable(std::string_view name) {
  return name.starts_with(config_prefix)
         || std::none_of(name.begin(), name.end(),
                         [](unsigned char c) { return std::islower(c) != 0 || c == '-'; });
}

/// A variable that settings_of_variables reads.
bool is_upstream(std::string_view name) {
  return name.starts_with(config_prefix)
         || std::any_of(direct_variables.begin(), direct_variables.end(),
                        [name](const auto& d) { return name == d.variable; });
}

result<upstream_settings> settings_of_lines(const std::vector<line_text>& lines,
                                            const std::string& name,
                                            const settings::environment_map& environment) {
  settings::environment_map variables;
  for (const auto& [key, value] : environment)
    if (!is_upstream(key)) // the file speaks, and the environment of what it refers to only
      variables.emplace(key, value);
  std::map<std::string, std::size_t> numbers;
  for (const auto& line : lines) {
    auto a = assignment_of(line.text);
    if (!a)
      return make_error(errc::rejected,
                        name + ':' + std::to_string(line.number) + ": is not NAME=VALUE");
    numbers[a->name] = line.number;
    variables.insert_or_assign(std::move(a->name), std::move(a->value));
  }
  auto out = settings_of_variables(variables, {});
  if (!out)
    return make_error(errc::rejected, name + ": " + out.error().detail);
  for (auto& [key, value] : *out)
    if (const auto at = numbers.find(value.origin); at != numbers.end())
      value.origin = name + ':' + std::to_string(at->second);
  return out;
}

} // namespace

result<upstream_settings> settings_of_variables(const settings::environment_map& variables,
                                                std::string_view origin) {
  upstream_settings out;
  for (const auto& direct : direct_variables) {
    const auto found = variables.find(direct.variable);
    if (found != variables.end() && !found->second.empty())
      out[direct.meaning] = {
          found->second, {}, std::string{origin} + direct.variable, found->first};
  }
  for (const auto& [name, value] : variables) {
    if (!name.starts_with(config_prefix) || value.empty())
      continue;
    upstream_value v{value, {}, std::string{origin} + name, name};
    if (value.starts_with('$')) {
      const auto meant = variables.find(value.substr(1));
      if (meant == variables.end() || meant->second.empty())
        return make_error(errc::rejected, name + " refers to a variable that is not set");
      v.text = meant->second;
      v.variable = meant->first;
    }
    out[settings::dotted_name(name)] = std::move(v);
  }
  return out;
}

result<upstream_settings> settings_of_text(std::string_view text, const std::string& name,
                                           const settings::environment_map& environment) {
  const auto lines = lines_of(text);
  const auto first = lines.empty() ? std::nullopt : assignment_of(lines.front().text);
  if (first && looks_like_variable(first->name))
    return settings_of_lines(lines, name, environment);
  return read_hocon(text, name, environment);
}

} // namespace feedcast::app
