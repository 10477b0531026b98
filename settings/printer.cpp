#include "settings/printer.hpp"

#include "settings/fields.hpp"
#include "settings/text_rules.hpp"
#include "settings/units.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace feedcast::settings {

namespace {

constexpr std::string_view hidden = "<secret>";

/// `https://user:password@host` without the part before the `@`.
std::string without_credentials(std::string text) {
  const auto mark = text.find("://");
  const auto at = text.rfind('@');
  if (mark != std::string::npos && at != std::string::npos && at > mark)
    text.replace(mark + 3, at - mark - 3, hidden);
  return text;
}

std::string double_quoted(std::string_view text) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string out = "\"";
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '$')
      out += "$$";
    else if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (byte < 0x20 || byte == 0x7f)
      ((out += "\\x") += hex[byte >> 4U]) += hex[byte & 15U];
    else
      out += c;
  }
  return out += '"';
}

std::string as_yaml(const std::string& raw) {
  const auto text = without_credentials(raw);
  const bool plain = !text.empty() && std::isalpha(static_cast<unsigned char>(text.front())) != 0
                     && std::all_of(text.begin(), text.end(), [](unsigned char c) {
                          return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '.';
                        });
  // Unquoted these would be nothing or a truth value.
  constexpr std::array words{"null", "Null", "NULL", "true", "false", "yes", "no", "on", "off"};
  return plain && std::find(words.begin(), words.end(), text) == words.end() ? text
                                                                             : double_quoted(text);
}

/// The visitor of fields.hpp that shows values.
class printer {
 public:
  printer(const node& tree, key_path path, std::string& out)
      : tree_(tree), path_(std::move(path)), out_(out) {}

  void text(std::string_view name, const std::string& value, need = need::optional) {
    if (!value.empty())
      line(name, as_yaml(value));
  }

  void one_of(std::string_view name, const std::string& value,
              std::initializer_list<std::string_view>) {
    if (!value.empty())
      line(name, as_yaml(value));
  }

  template <class Enum, std::size_t N>
  void choice(std::string_view name, Enum value, const std::array<named<Enum>, N>& options) {
    for (const auto& option : options)
      if (option.value == value)
        line(name, as_yaml(std::string{option.name}));
  }

  void flag(std::string_view name, bool value) { line(name, value ? "true" : "false"); }

  void number(std::string_view name, std::uint32_t value, bounds<std::uint32_t>) {
    line(name, std::to_string(value));
  }

  void size(std::string_view name, std::uint64_t value, bounds<std::uint64_t>) {
    line(name, format_size(value));
  }

  void duration(std::string_view name, milliseconds value, bounds<milliseconds>) {
    line(name, format_duration(value));
  }

  void share(std::string_view name, percent value, bounds<percent>) {
    line(name, as_yaml(format_percent(value)));
  }

  void secret(std::string_view name, const settings::secret& value, need) {
    if (!value.empty())
      line(name, hidden);
  }

  void list(std::string_view name, const std::vector<std::string>& values,
            std::initializer_list<std::string_view> = {}, need = need::optional) {
    std::string items;
    for (const auto& value : values)
      items += (items.empty() ? "" : ", ") + as_yaml(value);
    line(name, "[" + items + "]");
  }

  void properties(std::string_view name, const std::map<std::string, std::string>& plain,
                  const std::map<std::string, settings::secret>& secrets) {
    if (plain.empty() && secrets.empty())
      return;
    open(name);
    printer inner{tree_, path_ / name, out_};
    for (const auto& [key, value] : plain)
      inner.line(key, as_yaml(value));
    for (const auto& [key, value] : secrets)
      inner.line(key, hidden);
  }

  void start(std::string_view name, start_kind kind, wall_time time) {
    switch (kind) {
    case start_kind::now:
      return line(name, "now");
    case start_kind::beginning:
      return line(name, "beginning");
    case start_kind::time:
      return line(name, double_quoted(format_iso8601(time)));
    }
  }

  template <class T, class Members>
  void group(std::string_view name, T& value, Members members) {
    open(name);
    printer inner{tree_, path_ / name, out_};
    members(inner, value);
  }

  template <class T, class Members>
  void optional_group(std::string_view name, std::optional<T>& value, const T&, Members members) {
    if (value)
      group(name, *value, members);
  }

  template <class T, class Members>
  void table(std::string_view name, std::map<std::string, T>& entries, Members members) {
    open(name);
    printer inner{tree_, path_ / name, out_};
    for (auto& [key, value] : entries)
      inner.group(key, value, members);
  }

 private:
  void indent() { out_.append(2 * path_.keys().size(), ' '); }

  void open(std::string_view name) {
    indent();
    (out_ += as_yaml(std::string{name})) += ":\n";
  }

  void line(std::string_view name, std::string_view value) {
    indent();
    ((out_ += as_yaml(std::string{name})) += ": ") += value;
    (out_ += "  # ") += origin_of(path_ / name);
    out_ += '\n';
  }

  std::string origin_of(const key_path& path) const {
    if (const auto* found = tree_.find(path))
      return to_string(found->at);
    // A target's leases start from the common ones.
    const auto& keys = path.keys();
    if (keys.size() == 4 && keys[0] == "targets" && keys[2] == "leases")
      return origin_of(key_path{"leases", keys[3]});
    return to_string(origin{});
  }

  const node& tree_;
  key_path path_;
  std::string& out_;
};

} // namespace

std::string print_effective(const load_outcome& outcome) {
  std::string out;
  if (outcome.config) {
    auto config = *outcome.config;
    printer visitor{outcome.effective, {}, out};
    describe(visitor, config);
  }
  return out;
}

} // namespace feedcast::settings
