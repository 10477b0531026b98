#include "settings/node.hpp"

#include "settings/text_rules.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace feedcast::settings {

namespace {

bool is_plain_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
}

bool is_secret_reference(const node& n) {
  return n.is(node::kind::map) && !n.children.empty()
         && std::all_of(n.children.begin(), n.children.end(), [](const node& child) {
              return child.key == "from_file" || child.key == "from_env";
            });
}

} // namespace

key_path::key_path(std::initializer_list<std::string_view> keys) {
  for (const auto key : keys)
    *this = *this / key;
}

key_path key_path::operator/(std::string_view key) const {
  auto longer = *this;
  longer.keys_.emplace_back(key);
  if (!longer.text_.empty())
    longer.text_ += '.';
  longer.text_ += is_plain_key(key) ? std::string{key} : '"' + std::string{key} + '"';
  return longer;
}

key_path key_path::operator/(std::size_t index) const {
  auto longer = *this;
  longer.text_ += '[' + std::to_string(index) + ']';
  return longer;
}

const node* node::find(std::string_view name) const {
  if (!is(kind::map))
    return nullptr;
  const auto found = std::find_if(children.begin(), children.end(),
                                  [name](const node& child) { return child.key == name; });
  return found == children.end() ? nullptr : &*found;
}

node* node::find(std::string_view name) {
  return const_cast<node*>(std::as_const(*this).find(name));
}

const node* node::find(const key_path& path) const {
  const auto* at_key = this;
  for (const auto& name : path.keys()) {
    at_key = at_key->find(name);
    if (at_key == nullptr)
      return nullptr;
  }
  return at_key;
}

const origin& node::where(const key_path& path) const {
  const auto* nearest = this;
  for (const auto& name : path.keys()) {
    const auto* next = nearest->find(name);
    if (next == nullptr)
      // Something is missing inside a map: its key is what a reader will look for.
      return nearest->key.empty() ? nearest->at : nearest->key_at;
    nearest = next;
  }
  return nearest->at;
}

node make_scalar(std::string key, std::string text, const origin& at) {
  node made;
  made.type = node::kind::scalar;
  made.key = std::move(key);
  made.key_at = at;
  made.text = std::move(text);
  made.at = at;
  return made;
}

node& map_member(node& parent, std::string_view key, const origin& at) {
  auto* member = parent.find(key);
  if (member == nullptr) {
    member = &parent.children.emplace_back();
    member->key = key;
    member->key_at = at;
  }
  if (!member->is(node::kind::map)) {
    member->type = node::kind::map;
    member->text.clear();
    member->children.clear();
    member->at = at;
  }
  return *member;
}

void put(node& parent, node value) {
  if (auto* member = parent.find(value.key))
    *member = std::move(value);
  else
    parent.children.push_back(std::move(value));
}

void put_at(node& root, const std::vector<std::string>& keys, std::string text, const origin& at) {
  auto* parent = &root;
  for (std::size_t i = 0; i + 1 < keys.size(); ++i)
    parent = &map_member(*parent, keys[i], at);
  put(*parent, make_scalar(keys.back(), std::move(text), at));
}

node empty_map(const origin& at) {
  node root;
  root.type = node::kind::map;
  root.at = at;
  return root;
}

std::string shown(const node& scalar) {
  const bool hidden = scalar.substituted || scalar.at.from == origin::layer::environment
                      || scalar.text.size() > 40 || has_control_characters(scalar.text);
  return hidden ? "the value" : '"' + scalar.text + '"';
}

void merge(node& base, const node& over) {
  const bool one_value = is_secret_reference(base) || is_secret_reference(over);
  if (!base.is(node::kind::map) || !over.is(node::kind::map) || one_value) {
    base = over;
    return;
  }
  for (const auto& child : over.children) {
    if (auto* member = base.find(child.key))
      merge(*member, child);
    else
      base.children.push_back(child);
  }
}

} // namespace feedcast::settings
