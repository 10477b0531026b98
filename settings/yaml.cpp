#include "settings/yaml.hpp"

#include "settings/files.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>
#include <utility>
#include <vector>

namespace feedcast::settings {

namespace {

/// Thrown inside the parser to leave it: what follows would be read wrongly.
struct stop_reading {};

/// Builds the tree from the parser's events. Aliases are refused as events, before anything could
/// be expanded.
class tree_builder final : public YAML::EventHandler {
 public:
  tree_builder(const origin& source, diagnostic_list& complaints)
      : source_(source), complaints_(complaints) {}

  node take_root() { return std::move(root_); }

  /// Where the last scalar of the document begins.
  const YAML::Mark& last_scalar() const { return last_scalar_; }

  void OnDocumentStart(const YAML::Mark&) override {}

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (wants_key())
      stop(mark, "a key is missing");
    add(node::kind::null, mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    stop(mark, "aliases (*name) are not accepted", "write the value out");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    last_scalar_ = mark;
    if (wants_key())
      take_key(mark, value);
    else
      add(node::kind::scalar, mark).text = value;
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(node::kind::sequence, mark, tag, anchor);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(node::kind::map, mark, tag, anchor);
  }

  void OnMapEnd() override { close(); }

 private:
  /// A map or list that is not closed yet.
  struct frame {
    node value;
    bool has_key = false;
    bool duplicate = false; ///< the key was seen before: its value is read and thrown away
    std::string key;
    origin key_at;
  };

  origin at(const YAML::Mark& mark) const {
    auto here = source_;
    here.line = static_cast<std::uint32_t>(mark.line + 1);
    here.column = static_cast<std::uint32_t>(mark.column + 1);
    return here;
  }

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message, std::string hint = {}) {
    complaints_.error(at(mark), {}, std::move(message), std::move(hint));
    throw stop_reading{};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0)
      stop(mark, "anchors (&name) are not accepted", "write the value out where it is needed");
  }

  void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    // "?" is how the parser marks a plain value and "!" a quoted one.
    if (!tag.empty() && tag != "?" && tag != "!")
      stop(mark, "tags (!name) are not accepted", "remove it");
  }

  bool wants_key() const {
    return !open_.empty() && open_.back().value.is(node::kind::map) && !open_.back().has_key;
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    auto& parent = open_.back();
    parent.has_key = true;
    parent.duplicate = false;
    parent.key = key;
    parent.key_at = at(mark);
    if (const auto* first = parent.value.find(key)) {
      parent.duplicate = true;
      complaints_.error(parent.key_at, path_of_open().text(), "the key is given twice",
                        "the first is in line " + std::to_string(first->key_at.line)
                            + "; keep one of them");
    }
  }

  key_path path_of_open() const {
    key_path path;
    for (const auto& level : open_)
      path =
          level.value.is(node::kind::map) ? path / level.key : path / level.value.children.size();
    return path;
  }

  void open(node::kind kind, const YAML::Mark& mark, const std::string& tag,
            YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (wants_key())
      stop(mark, "a key must be plain text");
    if (open_.size() >= max_depth)
      stop(mark, "nested deeper than " + std::to_string(max_depth) + " levels");
    frame made;
    made.value.type = kind;
    made.value.at = at(mark);
    open_.push_back(std::move(made));
  }

  void close() {
    auto value = std::move(open_.back().value);
    open_.pop_back();
    attach(std::move(value));
  }

  node& add(node::kind kind, const YAML::Mark& mark) {
    node value;
    value.type = kind;
    value.at = at(mark);
    return attach(std::move(value));
  }

  node& attach(node value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return root_;
    }
    auto& parent = open_.back();
    if (parent.value.is(node::kind::map)) {
      value.key = std::move(parent.key);
      value.key_at = parent.key_at;
      if (value.is(node::kind::null))
        value.at = parent.key_at; // the parser's own place for it is behind the line
      parent.has_key = false;
      if (parent.duplicate) {
        thrown_away_ = std::move(value);
        return thrown_away_;
      }
    }
    return parent.value.children.emplace_back(std::move(value));
  }

  const origin& source_;
  diagnostic_list& complaints_;
  std::vector<frame> open_;
  node root_;
  node thrown_away_;
  YAML::Mark last_scalar_;
};

/// True if `text` begins with a quote that nothing closes.
bool is_open_quote(std::string_view text) {
  const auto quote = text.empty() ? '\0' : text.front();
  if (quote != '"' && quote != '\'')
    return false;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool escape = quote == '"' ? text[i] == '\\' : text.substr(i).starts_with("''");
    if (escape)
      ++i;
    else if (text[i] == quote)
      return false;
  }
  return true;
}

/// The parser ends at some control characters as if the file did, and YAML forbids them all.
bool refuse_control_characters(std::string_view text, const origin& source,
                               diagnostic_list& complaints) {
  auto here = source;
  here.line = 1;
  here.column = 1;
  for (const auto c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7f) {
      complaints.error(here, {}, "holds a control character", "is it a text file in UTF-8?");
      return true;
    }
    here.column = c == '\n' ? 1 : here.column + 1;
    here.line += c == '\n' ? 1 : 0;
  }
  return false;
}

/// True if the one document was read without a complaint that forbids going on.
bool read_document(const std::string& text, tree_builder& builder, const origin& source,
                   diagnostic_list& complaints) {
  origin here = source;
  std::istringstream input{text};
  try {
    YAML::Parser parser{input};
    parser.HandleNextDocument(builder);
    tree_builder ignored{source, complaints};
    if (parser.HandleNextDocument(ignored)) {
      complaints.error(source, {}, "holds more than one YAML document (---)",
                       "split it into files and name each with -c");
      return false;
    }
    return true;
  } catch (const stop_reading&) {
    return false;
  } catch (const YAML::Exception& e) {
    here.line = static_cast<std::uint32_t>(e.mark.line + 1);
    // An escape that the end cuts short is counted as if it were whole.
    const auto beyond = std::max(e.mark.pos - static_cast<int>(text.size()), 0);
    here.column = static_cast<std::uint32_t>(std::max(e.mark.column - beyond, 0) + 1);
    complaints.error(here, {}, "not valid YAML: " + e.msg,
                     "check indentation, quotes and brackets here and just above");
  }
  return false;
}

} // namespace

std::optional<node> parse_yaml(std::string_view text, const origin& source,
                               diagnostic_list& complaints) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  if (refuse_control_characters(text, source, complaints))
    return std::nullopt;
  tree_builder builder{source, complaints};
  if (!read_document(std::string{text}, builder, source, complaints))
    return std::nullopt;
  // yaml-cpp takes the end of the file for the end of an open quote; only the last text can be one.
  const auto& last = builder.last_scalar();
  if (last.pos >= 0
      && is_open_quote(text.substr(std::min(static_cast<std::size_t>(last.pos), text.size())))) {
    auto here = source;
    here.line = static_cast<std::uint32_t>(last.line + 1);
    here.column = static_cast<std::uint32_t>(last.column + 1);
    complaints.error(here, {}, "not valid YAML: the quote is never closed",
                     "is the file complete?");
    return std::nullopt;
  }
  auto root = builder.take_root();
  if (root.is(node::kind::null)) {
    complaints.error(source, {}, "is empty", "write a configuration into it or leave it out");
    return std::nullopt;
  }
  if (!root.is(node::kind::map)) {
    complaints.error(root.at, {}, "must hold `key: value` pairs at the top",
                     "begin with `accounts:`");
    return std::nullopt;
  }
  return root;
}

std::optional<node> read_yaml_file(const std::filesystem::path& file, diagnostic_list& complaints) {
  const origin source{origin::layer::file, file.string()};
  const auto bytes = read_small_file(file, max_file_bytes);
  if (!bytes) {
    const bool large = bytes.error().code == errc::too_large;
    complaints.error(source, {}, bytes.error().detail,
                     large ? "a configuration is a few KiB; is this the right file?"
                           : "check the path and the rights of the user feedcast runs as");
    return std::nullopt;
  }
  return parse_yaml(*bytes, source, complaints);
}

} // namespace feedcast::settings
