#include "settings/substitute.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

namespace feedcast::settings {

namespace {

bool is_variable_name(std::string_view name) {
  return !name.empty() && std::isdigit(static_cast<unsigned char>(name.front())) == 0
         && std::all_of(name.begin(), name.end(),
                        [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

class substitution {
 public:
  substitution(const environment_map& environment, diagnostic_list& complaints)
      : environment_(environment), complaints_(complaints) {}

  void visit(node& n, const key_path& path) {
    if (n.is(node::kind::scalar) && n.at.from == origin::layer::file)
      replace(n, path);
    const bool list = n.is(node::kind::sequence);
    for (std::size_t i = 0; i < n.children.size(); ++i)
      visit(n.children[i], list ? path / i : path / n.children[i].key);
  }

 private:
  static void refuse(node& n) { n.type = node::kind::refused; }

  void replace(node& n, const key_path& path) {
    std::string out;
    std::string_view rest = n.text;
    for (auto dollar = rest.find('$'); dollar != std::string_view::npos; dollar = rest.find('$')) {
      out += rest.substr(0, dollar);
      rest.remove_prefix(dollar);
      if (rest.starts_with("$$")) {
        out += '$';
        rest.remove_prefix(2);
      } else if (rest.starts_with("${")) {
        const auto end = rest.find('}');
        if (end == std::string_view::npos) {
          complaints_.error(n.at, path.text(), "\"${\" is not closed",
                            "write ${NAME}, or $$ for a plain dollar sign");
          return refuse(n);
        }
        const auto value = expand(rest.substr(2, end - 2), n, path);
        if (!value)
          return refuse(n);
        out += *value;
        n.substituted = true;
        rest.remove_prefix(end + 1);
      } else {
        out += '$';
        rest.remove_prefix(1);
      }
    }
    out += rest;
    n.text = std::move(out);
  }

  /// The value of what stands between `${` and `}`.
  std::optional<std::string> expand(std::string_view inside, const node& n, const key_path& path) {
    const auto colon = inside.find(':');
    const std::string name{inside.substr(0, colon)};
    const auto rule = colon == std::string_view::npos ? std::string_view{} : inside.substr(colon);
    if (!is_variable_name(name)
        || (!rule.empty() && !rule.starts_with(":-") && !rule.starts_with(":?"))) {
      complaints_.error(n.at, path.text(), "\"${...}\" does not name a variable",
                        "write ${NAME}, ${NAME:-default} or ${NAME:?message}");
      return std::nullopt;
    }
    const auto found = environment_.find(name);
    if (found != environment_.end() && (rule.empty() || !found->second.empty()))
      return found->second;
    if (rule.starts_with(":-"))
      return std::string{rule.substr(2)};
    if (rule.size() > 2)
      complaints_.error(n.at, path.text(),
                        name + " is not set or empty: " + std::string{rule.substr(2)});
    else
      complaints_.error(n.at, path.text(), "the environment variable " + name + " is not set",
                        "set it, or give a default: ${" + name + ":-...}");
    return std::nullopt;
  }

  const environment_map& environment_;
  diagnostic_list& complaints_;
};

} // namespace

void substitute(node& tree, const environment_map& environment, diagnostic_list& complaints) {
  substitution{environment, complaints}.visit(tree, {});
}

} // namespace feedcast::settings
