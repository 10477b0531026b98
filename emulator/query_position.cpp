#include "emulator/query_position.hpp"

#include "http/crypto/digest.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

namespace feedcast::emulator {
namespace {

constexpr std::string_view form = "1:"; ///< of this text, in case that it ever changes

std::string key_text(const query_key& key) {
  std::string text(1, static_cast<char>('0' + static_cast<int>(key.type)));
  if (key.type == query_type::boolean)
    text += key.number != 0 ? '1' : '0';
  if (key.type == query_type::number) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), key.number).ptr;
    text.append(digits.data(), end);
    text += ';';
  }
  if (key.type == query_type::text)
    text += std::to_string(key.text.size()) + ';' + key.text;
  return text;
}

/// Takes fields off the front of a text.
class field_reader {
 public:
  explicit field_reader(std::string_view text) : rest_(text) {}

  template <class T>
  bool number(T& out) {
    const auto [end, failure] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (failure != std::errc{})
      return false;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return true;
  }

  bool exactly(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::optional<std::string_view> bytes(std::size_t count) {
    if (count > rest_.size())
      return std::nullopt;
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }

  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

bool read_key(field_reader& in, query_key& key) {
  const auto type = in.bytes(1);
  if (!type || type->front() < '0' || type->front() > '6')
    return false;
  key.type = static_cast<query_type>(type->front() - '0');
  switch (key.type) {
  case query_type::boolean: {
    const auto flag = in.bytes(1);
    key.number = flag && *flag == "1" ? 1 : 0;
    return flag.has_value();
  }
  case query_type::number:
    return in.number(key.number) && std::isfinite(key.number) && in.exactly(';');
  case query_type::text: {
    std::size_t size = 0;
    if (!in.number(size) || size > query_key::longest || !in.exactly(';'))
      return false;
    const auto text = in.bytes(size);
    key.text = text.value_or("");
    return text.has_value();
  }
  default:
    return true;
  }
}

} // namespace

query_key query_key::of(const query_value& value) {
  query_key key;
  key.type = type_of(value);
  if (const auto* flag = std::get_if<bool>(&value))
    key.number = *flag ? 1 : 0;
  else if (const auto* n = std::get_if<query_number>(&value))
    key.number = n->value;
  else if (const auto* text = std::get_if<std::string_view>(&value))
    key.text = text->substr(0, longest);
  return key;
}

int compare_keys(const query_key& a, const query_key& b) {
  if (a.type != b.type)
    return a.type < b.type ? -1 : 1;
  if (a.number != b.number)
    return a.number < b.number ? -1 : 1;
  return a.text.compare(b.text);
}

std::string query_position::to_text() const {
  std::string text(form);
  text += keys.empty() ? 's' : 'o';
  for (const std::uint64_t n : {given, item, row})
    text += ':' + std::to_string(n);
  if (keys.empty())
    return text;
  std::string all;
  for (const query_key& key : keys)
    all += key_text(key);
  return text + ':' + http::crypto::base64_encode(all);
}

answer<query_position> read_query_position(std::string_view text, std::size_t keys) {
  query_position position;
  if (text.empty())
    return position;
  field_reader in(text);
  const auto good = [&] {
    if (in.bytes(form.size()) != form || !in.exactly(keys == 0 ? 's' : 'o'))
      return false;
    for (std::uint64_t* n : {&position.given, &position.item, &position.row})
      if (!in.exactly(':') || !in.number(*n))
        return false;
    if (keys == 0)
      return in.rest().empty();
    if (!in.exactly(':'))
      return false;
    const auto all = http::crypto::base64_decode(in.rest());
    if (!all)
      return false;
    field_reader fields(*all);
    position.keys.resize(keys);
    for (query_key& key : position.keys)
      if (!read_key(fields, key))
        return false;
    return fields.rest().empty();
  };
  if (!good())
    return refuse(400, "x-ms-continuation is not one that this emulator gave for such a query");
  return position;
}

} // namespace feedcast::emulator
