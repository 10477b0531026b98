#include "settings/reader.hpp"

#include "settings/secret_source.hpp"
#include "settings/text_rules.hpp"
#include "settings/units.hpp"

#include <algorithm>
#include <utility>

namespace feedcast::settings {

namespace {

std::string_view kind_name(const node& n) {
  switch (n.type) {
  case node::kind::null:
    return "empty";
  case node::kind::scalar:
    return "a single value";
  case node::kind::map:
    return "a map";
  case node::kind::sequence:
    return "a list";
  case node::kind::refused:
    break;
  }
  return "something else";
}

std::vector<std::string> to_strings(std::initializer_list<std::string_view> names) {
  return {names.begin(), names.end()};
}

std::string choice_hint(std::string_view wrong, const std::vector<std::string>& allowed) {
  auto hint = did_you_mean(wrong, allowed);
  return hint.empty() ? one_of_text(allowed) : hint + " (" + one_of_text(allowed) + ")";
}

/// A list given in the environment or by --set: `a,b`, brackets optional.
std::vector<std::string> split_list(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']'))
    text = text.substr(1, text.size() - 2);
  std::vector<std::string> items;
  while (!text.empty()) {
    const auto comma = text.find(',');
    items.emplace_back(trimmed(text.substr(0, comma)));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return items;
}

} // namespace

reader::reader(const node* block, key_path path, origin at, read_context& context)
    : path_(std::move(path)), at_(std::move(at)), context_(context) {
  block_ = as_map(block, path_);
  refused_ = block != nullptr && block_ == nullptr && !block->is(node::kind::null);
}

/// `found` if it is a map; a complaint if it is anything else but empty or missing.
const node* reader::as_map(const node* found, const key_path& path) {
  if (found == nullptr || found->is(node::kind::map))
    return found;
  if (!found->is(node::kind::null) && !found->is(node::kind::refused))
    wrong(*found, path, "must be a map, not " + std::string{kind_name(*found)},
          "write `key: value` pairs, indented below it");
  return nullptr;
}

void reader::finish() {
  if (block_ == nullptr)
    return;
  for (const auto& child : block_->children) {
    if (std::find(known_.begin(), known_.end(), child.key) != known_.end())
      continue;
    auto hint = did_you_mean(child.key, known_);
    if (hint.empty() && child.key_at.from == origin::layer::environment)
      hint = "nest with two underscores, as in FEEDCAST_ADMIN__LISTEN; here " + one_of_text(known_);
    else if (hint.empty())
      hint = one_of_text(known_);
    context_.complaints.error(child.key_at, (path_ / child.key).text(), "unknown key",
                              std::move(hint));
  }
}

const node* reader::take(std::string_view name) {
  known_.emplace_back(name);
  return block_ == nullptr ? nullptr : block_->find(name);
}

void reader::missing(std::string_view name) {
  context_.complaints.error(at_, (path_ / name).text(), "is missing",
                            "add `" + std::string{name} + ":`");
}

void reader::wrong(const node& value, const key_path& path, std::string message, std::string hint) {
  context_.complaints.error(value.at, path.text(), std::move(message), std::move(hint));
}

const node* reader::take_scalar(std::string_view name, std::string_view what, need n) {
  const auto* found = take(name);
  if (found == nullptr) {
    if (n == need::required)
      missing(name);
    return nullptr;
  }
  if (found->is(node::kind::scalar))
    return found;
  if (found->is(node::kind::refused))
    return nullptr;
  wrong(*found, path_ / name,
        "must be " + std::string{what} + ", not " + std::string{kind_name(*found)},
        "write `" + std::string{name} + ": ...` on one line");
  return nullptr;
}

void reader::text(std::string_view name, std::string& out, need n) {
  const auto* found = take_scalar(name, "text", n);
  if (found == nullptr)
    return;
  if (has_control_characters(found->text))
    wrong(*found, path_ / name, "holds a line end or another control character", "remove it");
  else if (found->text.empty() && n == need::required)
    wrong(*found, path_ / name, "is empty", "give it a value");
  else
    out = found->text;
}

std::optional<std::size_t> reader::take_choice(std::string_view name,
                                               const std::vector<std::string>& allowed) {
  const auto* found = take_scalar(name, "text");
  if (found == nullptr)
    return std::nullopt;
  const auto match = std::find(allowed.begin(), allowed.end(), found->text);
  if (match != allowed.end())
    return static_cast<std::size_t>(match - allowed.begin());
  wrong(*found, path_ / name, shown(*found) + " is not known here",
        choice_hint(found->text, allowed));
  return std::nullopt;
}

void reader::one_of(std::string_view name, std::string& out,
                    std::initializer_list<std::string_view> allowed) {
  const auto names = to_strings(allowed);
  if (const auto index = take_choice(name, names))
    out = names[*index];
}

void reader::flag(std::string_view name, bool& out) {
  const auto* found = take_scalar(name, "true or false");
  if (found == nullptr)
    return;
  if (found->text != "true" && found->text != "false")
    wrong(*found, path_ / name, shown(*found) + " is neither true nor false",
          "write true or false");
  else
    out = found->text == "true";
}

void reader::number(std::string_view name, std::uint32_t& out, bounds<std::uint32_t> limits) {
  const auto* found = take_scalar(name, "a number");
  if (found == nullptr)
    return;
  const auto range = std::to_string(limits.low) + " to " + std::to_string(limits.high);
  const auto value = parse_count(found->text);
  if (!value)
    wrong(*found, path_ / name, shown(*found) + " is not a whole number", "from " + range);
  else if (*value < limits.low || *value > limits.high)
    wrong(*found, path_ / name, shown(*found) + " is out of range", "from " + range);
  else
    out = static_cast<std::uint32_t>(*value);
}

void reader::size(std::string_view name, std::uint64_t& out, bounds<std::uint64_t> limits) {
  const auto* found = take_scalar(name, "a size");
  if (found == nullptr)
    return;
  const auto range = "from " + format_size(limits.low) + " to " + format_size(limits.high);
  const auto value = parse_size(found->text);
  if (!value)
    wrong(*found, path_ / name, shown(*found) + " is not a size",
          "write bytes, or a whole number of KiB, MiB or GiB, such as 16MiB; " + range);
  else if (*value < limits.low || *value > limits.high)
    wrong(*found, path_ / name, shown(*found) + " is out of range", range);
  else
    out = *value;
}

void reader::duration(std::string_view name, milliseconds& out, bounds<milliseconds> limits) {
  const auto* found = take_scalar(name, "a duration");
  if (found == nullptr)
    return;
  const auto range = "from " + format_duration(limits.low) + " to " + format_duration(limits.high);
  const auto value = parse_duration(found->text);
  if (!value)
    wrong(*found, path_ / name, shown(*found) + " is not a duration",
          "write a whole number with ms, s, m or h, such as 500ms or 5s; " + range);
  else if (*value < limits.low || *value > limits.high)
    wrong(*found, path_ / name, shown(*found) + " is out of range", range);
  else
    out = *value;
}

void reader::share(std::string_view name, percent& out, bounds<percent> limits) {
  const auto* found = take_scalar(name, "a share");
  if (found == nullptr)
    return;
  const auto range = "from " + format_percent(limits.low) + " to " + format_percent(limits.high);
  const auto value = parse_percent(found->text);
  if (!value)
    wrong(*found, path_ / name, shown(*found) + " is not a share",
          "write a whole number of percent, such as 20%, or off; " + range);
  else if (value->value != 0 && (*value < limits.low || *value > limits.high))
    wrong(*found, path_ / name, shown(*found) + " is out of range", range + ", or off");
  else
    out = *value;
}

void reader::secret(std::string_view name, settings::secret& out, need n) {
  if (const auto* found = take(name))
    out = read_secret(*found, path_ / name, context_.environment, context_.complaints);
  else if (n == need::required)
    context_.complaints.error(at_, (path_ / name).text(), "is missing",
                              "add `" + std::string{name}
                                  + ": {from_file: PATH}` or {from_env: NAME}");
}

void reader::list(std::string_view name, std::vector<std::string>& out,
                  std::initializer_list<std::string_view> allowed, need n) {
  const auto* found = take(name);
  const auto path = path_ / name;
  if (found == nullptr) {
    if (n == need::required)
      missing(name);
    return;
  }
  std::vector<node> items;
  if (found->is(node::kind::sequence)) {
    items = found->children;
  } else if (found->is(node::kind::scalar) && found->at.from != origin::layer::file
             && found->at.from != origin::layer::profile) {
    for (auto& item : split_list(found->text))
      items.push_back(make_scalar({}, std::move(item), found->at));
  } else if (found->is(node::kind::refused)) {
    return;
  } else if (!found->is(node::kind::null)) {
    return wrong(*found, path, "must be a list, not " + std::string{kind_name(*found)},
                 "write [one, two], or one `- item` a line");
  }
  const auto names = to_strings(allowed);
  out.clear();
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& item = items[i];
    if (item.is(node::kind::refused))
      continue;
    if (!item.is(node::kind::scalar) || item.text.empty() || has_control_characters(item.text))
      wrong(item, path / i, "must be plain text, not empty", "remove or quote it");
    else if (!names.empty() && std::find(names.begin(), names.end(), item.text) == names.end())
      wrong(item, path / i, shown(item) + " is not known here", choice_hint(item.text, names));
    else if (std::find(out.begin(), out.end(), item.text) != out.end())
      wrong(item, path / i, shown(item) + " is listed twice", "remove one of them");
    else
      out.push_back(item.text);
  }
  if (items.empty() && n == need::required)
    wrong(*found, path, "is empty", "list at least one");
}

void reader::properties(std::string_view name, std::map<std::string, std::string>& plain,
                        std::map<std::string, settings::secret>& secrets) {
  const auto path = path_ / name;
  const auto* found = as_map(take(name), path);
  if (found == nullptr)
    return;
  for (const auto& child : found->children) {
    if (child.is(node::kind::refused))
      continue;
    if (child.is(node::kind::map) || is_secret_property(child.key))
      secrets[child.key] =
          read_secret(child, path / child.key, context_.environment, context_.complaints);
    else if (!child.is(node::kind::scalar))
      wrong(child, path / child.key, "must be text, not " + std::string{kind_name(child)},
            "librdkafka properties are written as `name: value`");
    else
      plain[child.key] = child.text;
  }
}

void reader::start(std::string_view name, start_kind& kind, wall_time& time) {
  const auto* found = take_scalar(name, "now, beginning or a time");
  if (found == nullptr)
    return;
  if (found->text == "now") {
    kind = start_kind::now;
  } else if (found->text == "beginning") {
    kind = start_kind::beginning;
  } else if (const auto parsed = parse_iso8601(found->text)) {
    kind = start_kind::time;
    time = *parsed;
  } else {
    wrong(*found, path_ / name, shown(*found) + " is not a point to start from",
          "write now, beginning or a time such as 2026-01-31T12:00:00Z");
  }
}

bool reader::check_entry_name(const node& entry, const key_path& path) {
  if (is_name(entry.key))
    return true;
  context_.complaints.error(
      entry.key_at, path.text(), "is not a usable name",
      "1 to 64 letters, digits, `-`, `_` or `.`, the first a letter or digit");
  return false;
}

} // namespace feedcast::settings
