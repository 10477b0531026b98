#include "tests/fuzz/page_reference.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <functional>

namespace feedcast::fuzz {

namespace {

boost::json::parse_options deep() {
  boost::json::parse_options options;
  options.max_depth = 900; // less than what the product's parser takes
  return options;
}

/// Walks over JSON that is known to be valid, and therefore checks nothing.
class walker {
 public:
  explicit walker(std::string_view text) : rest_(text) {}

  char next() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
    return rest_.front();
  }

  /// The text of the value that comes next.
  std::string_view value() {
    const char first = next();
    const auto from = rest_;
    if (first == '"')
      skip_string();
    else if (first == '{' || first == '[')
      skip_nested();
    else
      rest_.remove_prefix(std::min(rest_.find_first_of(",]} \t\r\n"), rest_.size()));
    return from.substr(0, from.size() - rest_.size());
  }

  bool take(char wanted) {
    if (next() != wanted)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

 private:
  void skip_string() {
    std::size_t at = 1;
    while (rest_[at] != '"')
      at += rest_[at] == '\\' ? 2 : 1;
    rest_.remove_prefix(at + 1);
  }

  void skip_nested() {
    std::size_t depth = 0;
    do {
      const char c = next();
      if (c == '"') {
        skip_string();
        continue;
      }
      depth += c == '{' || c == '[' ? 1 : 0;
      depth -= c == '}' || c == ']' ? 1 : 0;
      rest_.remove_prefix(1);
    } while (depth > 0);
  }

  std::string_view rest_;
};

using member_function = std::function<void(std::string_view raw_key, std::string_view value)>;

void each_member(std::string_view object, const member_function& use) {
  walker w{object};
  w.take('{');
  if (w.take('}'))
    return;
  do {
    const auto key = w.value();
    w.take(':');
    use(key, w.value());
  } while (w.take(','));
}

void each_element(std::string_view array, const std::function<void(std::string_view)>& use) {
  walker w{array};
  w.take('[');
  if (w.take(']'))
    return;
  do
    use(w.value());
  while (w.take(','));
}

std::optional<std::string> string_of(std::string_view token) {
  if (token.front() != '"')
    return std::nullopt;
  return std::string{
      boost::json::parse(boost::json::string_view{token.data(), token.size()}).as_string()};
}

template <class Number>
void read_number(std::string_view token, Number& into) {
  Number value{};
  const auto [end, failure] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (failure == std::errc{} && end == token.data() + token.size())
    into = value;
}

struct document_reader {
  reference_page& out;
  reference_change c{};
  bool has_id = false;
  bool bad_id = false;
  std::vector<std::pair<std::string, std::string>> elements{};
  bool doubtful = false;
  std::optional<std::string> own_uuid{}; ///< empty: it is no text

  void take_element(std::string_view element) {
    if (element.front() != '{') {
      doubtful = true;
      return;
    }
    std::pair<std::string, std::string> e;
    each_member(element, [&](auto key, auto token) {
      if (key != R"("name")" && key != R"("uuid")")
        return;
      auto text = string_of(token);
      if (text && key == R"("uuid")" && text->size() > 36)
        text.reset(); // no uuid
      doubtful |= !text;
      auto& member = key == R"("name")" ? e.first : e.second;
      if (!member.empty() && member != text.value_or(""))
        elements.push_back(e);
      if (text)
        member = *text;
      else
        member.clear();
    });
    if (!e.first.empty() || !e.second.empty())
      elements.push_back(std::move(e));
  }

  void take_of_subject(std::string_view key, std::string_view token) {
    if (key == R"("uuid")") {
      const auto text = string_of(token);
      doubtful |= !text || text->size() > 36;
      own_uuid = text.value_or(own_uuid.value_or(""));
      if (own_uuid->size() > 36)
        own_uuid = "";
    } else if (key == R"("namespaces")" && token.front() == '[') {
      each_element(token, [&](auto element) { take_element(element); });
    } else if (key == R"("namespaces")") {
      doubtful = true;
    }
  }

  void take_id(std::string_view token) {
    const auto id = string_of(token);
    if (!id || id->empty()) {
      bad_id = true;
      return;
    }
    if (has_id && c.id != *id) {
      out.changes.push_back(c);
      out.changes.back().doubtful = true;
    }
    c.id = *id;
    has_id = true;
  }

  void take(std::string_view key, std::string_view token) {
    if (key == R"("id")")
      take_id(token);
    else if (key == R"("_clusterId")")
      c.cluster_id = string_of(token).value_or(c.cluster_id);
    else if (key == R"("_lsn")")
      read_number(token, c.lsn);
    else if (key == R"("_ts")")
      read_number(token, c.ts);
    else if (key == R"("_deleted")" && (token == "true" || token == "false"))
      c.deleted = token == "true";
  }

  void read(std::string_view document, std::size_t index) {
    if (document.front() == '{') {
      each_member(document, [&](auto key, auto token) {
        take(key, token);
        take_of_subject(key, token);
      });
      // Only a document without an id is looked at again, for a name written with escapes.
      if (!has_id && !bad_id)
        each_member(document, [&](auto key, auto token) {
          if (string_of(key) == "id")
            take_id(token);
        });
    }
    if (own_uuid)
      elements.emplace_back(c.id, *own_uuid);
    c.elements = std::move(elements);
    c.doubtful = doubtful;
    if (has_id)
      out.changes.push_back(c);
    else
      out.unusable.push_back((bad_id ? "bad_id@" : "no_id@") + std::to_string(index));
  }
};

} // namespace

bool is_json(std::string_view text) {
  boost::json::error_code failure;
  boost::json::parse({text.data(), text.size()}, failure, {}, deep());
  return !failure;
}

std::optional<reference_page> read_page_slowly(std::string_view text) {
  if (walker{text}.next() != '{')
    return std::nullopt;
  reference_page page;
  bool usable = true;
  bool seen = false;
  std::size_t documents = 0;
  std::int64_t announced = -1;
  each_member(text, [&](std::string_view key, std::string_view token) {
    if (key == R"("_count")")
      read_number(token, announced);
    if (key != R"("Documents")")
      return;
    usable = usable && token.front() == '[';
    seen = true;
    if (usable)
      each_element(token, [&](std::string_view document) {
        document_reader{page}.read(document, documents++);
      });
  });
  if (!usable || !seen || (announced >= 0 && static_cast<std::size_t>(announced) != documents))
    return std::nullopt;
  return page;
}

std::optional<std::string> main_id_of(std::string_view message) {
  boost::json::error_code failure;
  const auto value = boost::json::parse({message.data(), message.size()}, failure);
  if (failure || !value.is_object() || value.get_object().size() != 2)
    return std::nullopt;
  const auto* instance = value.get_object().if_contains("instanceId");
  const auto* key = value.get_object().if_contains("key");
  if (instance == nullptr || *instance != "cache-invalidator" || key == nullptr || !key->is_object()
      || key->get_object().size() != 1)
    return std::nullopt;
  const auto* id = key->get_object().if_contains("mainId");
  if (id == nullptr || !id->is_string())
    return std::nullopt;
  return std::string{id->get_string()};
}

} // namespace feedcast::fuzz
