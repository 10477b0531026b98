#include "app/migrate/hocon.hpp"

#include "core/log_text.hpp"
#include "settings/text_rules.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>

namespace feedcast::app {

namespace {

constexpr int deepest = 32;

/// Why the text can't be read, and in which line.
struct refusal : std::runtime_error {
  refusal(std::size_t at, const std::string& why) : std::runtime_error(why), line(at) {}

  std::size_t line;
};

bool is_name_char(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
}

class parser {
 public:
  parser(std::string_view text, const std::string& name, const settings::environment_map& variables)
      : text_(text), name_(name), variables_(variables) {}

  upstream_settings run() {
    skip_blank(true);
    const bool braces = take('{');
    members({}, braces, 1);
    skip_blank(true);
    if (at_ < text_.size())
      refuse("there is text behind the last brace");
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& why) const { throw refusal{line_, why}; }

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  char next() {
    const auto c = text_[at_++];
    line_ += c == '\n' ? 1 : 0;
    return c;
  }

  bool take(char c) {
    if (at_ >= text_.size() || peek() != c)
      return false;
    next();
    return true;
  }

  bool at_comment() const { return peek() == '#' || (peek() == '/' && peek(1) == '/'); }

  /// Blanks and comments; line ends too, if `lines`.
  void skip_blank(bool lines) {
    while (at_ < text_.size()) {
      if (at_comment())
        while (at_ < text_.size() && peek() != '\n')
          next();
      else if (peek() == ' ' || peek() == '\t' || peek() == '\r' || (lines && peek() == '\n'))
        next();
      else
        return;
    }
  }

  void members(const std::string& prefix, bool braces, int depth) {
    if (depth > deepest)
      refuse("blocks are nested too deep");
    for (;;) {
      skip_blank(true);
      if (at_ >= text_.size()) {
        if (braces)
          refuse("a brace is not closed");
        return;
      }
      if (peek() == '}') {
        if (!braces)
          refuse("there is a closing brace too many");
        next();
        return;
      }
      member(prefix, depth);
      skip_blank(false);
      if (peek() == ',')
        next();
      else if (at_ < text_.size() && peek() != '\n' && peek() != '}')
        refuse("there is more behind a value: values that are joined are not read here");
    }
  }

  void member(const std::string& prefix, int depth) {
    const auto key = path();
    if (key == "include")
      refuse("include is not read here: give the other file, too");
    const auto name = prefix.empty() ? key : prefix + '.' + key;
    skip_blank(false);
    if (peek() == '{') {
      next();
      return members(name, true, depth + 1);
    }
    if (peek() == '+' && peek(1) == '=')
      refuse("+= is not read here");
    if (!take('=') && !take(':'))
      refuse("a name is followed by neither =, : nor {");
    skip_blank(true); // a value may stand in the next line
    if (take('{'))
      return members(name, true, depth + 1);
    value(name);
  }

  std::string path() {
    std::string out;
    do {
      if (peek() == '"')
        out += quoted();
      else {
        const auto begin = at_;
        while (is_name_char(peek()))
          next();
        if (at_ == begin)
          refuse("a name is expected here");
        out += text_.substr(begin, at_ - begin);
      }
      skip_blank(false);
    } while (take('.') && (out += '.', true));
    return out;
  }

  std::string quoted() {
    next();
    if (peek() == '"' && peek(1) == '"')
      refuse("texts of several lines are not read here");
    std::string out;
    for (;;) {
      if (at_ >= text_.size() || peek() == '\n')
        refuse("a quote is not closed");
      const auto c = next();
      if (c == '"')
        return out;
      out += c == '\\' ? escaped() : c;
    }
  }

  char escaped() {
    switch (at_ < text_.size() ? next() : '\0') {
    case '"':
      return '"';
    case '\\':
      return '\\';
    case '/':
      return '/';
    case 't':
      return '\t';
    case 'n':
      return '\n';
    default:
      refuse("this escape is not read here");
    }
  }

  void value(const std::string& name) {
    upstream_value v;
    v.origin = name_ + ':' + std::to_string(line_);
    if (take('[')) {
      v.items = list();
    } else if (peek() == '$') {
      const bool optional = peek(1) == '{' && peek(2) == '?';
      v.variable = reference();
      const auto found = variables_.find(v.variable);
      if (found == variables_.end() && !optional)
        refuse("${" + v.variable
               + "} is not set in the environment; references to other settings are not read here");
      if (found == variables_.end())
        return; // what was said before holds
      v.text = found->second;
    } else {
      v.text = scalar();
    }
    out_.insert_or_assign(name, std::move(v));
  }

  std::string scalar() {
    if (peek() == '"')
      return quoted();
    constexpr std::string_view reserved = "$\"{}[]:=+`^?!@*&\\";
    const auto begin = at_;
    while (at_ < text_.size() && peek() != '\n' && peek() != ',' && peek() != '}' && peek() != ']'
           && !at_comment()) {
      if (reserved.find(peek()) != std::string_view::npos)
        refuse(std::string{"this character has to be quoted: "} + peek());
      next();
    }
    const auto text = settings::trimmed(text_.substr(begin, at_ - begin));
    if (text.empty())
      refuse("a value is missing");
    return std::string{text};
  }

  std::string reference() {
    next();
    if (!take('{'))
      refuse("this character has to be quoted: $");
    take('?');
    std::string out;
    while (is_name_char(peek()) || peek() == '.')
      out += next();
    if (out.empty() || !take('}'))
      refuse("this is no ${NAME}");
    return out;
  }

  std::vector<std::string> list() {
    std::vector<std::string> out;
    for (;;) {
      skip_blank(true);
      if (take(']'))
        return out;
      if (at_ >= text_.size())
        refuse("a bracket is not closed");
      if (peek() == '{' || peek() == '[' || peek() == '$')
        refuse("only texts are read here in a list");
      out.push_back(scalar());
      skip_blank(true);
      if (!take(',') && peek() != ']')
        refuse("a comma is missing in a list");
    }
  }

  const std::string_view text_;
  const std::string& name_;
  const settings::environment_map& variables_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  upstream_settings out_;
};

} // namespace

result<upstream_settings> read_hocon(std::string_view text, const std::string& name,
                                     const settings::environment_map& environment) {
  try {
    return parser{text, name, environment}.run();
  } catch (const refusal& why) {
    return make_error(errc::rejected, name + ':' + std::to_string(why.line) + ": " + why.what());
  }
}

} // namespace feedcast::app
