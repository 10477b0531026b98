#pragma once

#include "settings/origin.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace feedcast::settings {

/// The way from the root to a value. Prints as `targets.eu.kafka.properties."security.protocol"`
/// and `targets.eu.feeds[0]`, the spelling that `--set` takes.
class key_path {
 public:
  key_path() = default;
  key_path(std::initializer_list<std::string_view> keys);

  key_path operator/(std::string_view key) const;
  key_path operator/(std::size_t index) const;

  const std::string& text() const noexcept { return text_; }

  const std::vector<std::string>& keys() const noexcept { return keys_; }

 private:
  std::vector<std::string> keys_; ///< list positions are left out: a list has one origin
  std::string text_;
};

/// One value of the untyped tree that all layers are merged into. Maps keep the order they were
/// written in.
struct node {
  enum class kind : std::uint8_t {
    null,
    scalar,
    map,
    sequence,
    refused ///< complained about already: pass over it in silence
  };

  kind type = kind::null;
  std::string key;            ///< under which it stands in its map
  origin key_at;              ///< where that key was written
  std::string text;           ///< of a scalar
  origin at;                  ///< where the value was written
  bool substituted = false;   ///< `text` came (partly) out of `${...}`: never quote it in a message
  std::vector<node> children; ///< of a map or a sequence

  bool is(kind k) const noexcept { return type == k; }

  const node* find(std::string_view name) const;
  node* find(std::string_view name);
  /// The value at `path`; nullptr if there is none.
  const node* find(const key_path& path) const;
  /// Where the value at `path` was written, or else the nearest thing around it.
  const origin& where(const key_path& path) const;
};

node make_scalar(std::string key, std::string text, const origin& at);
/// The map child `key` of the map `parent`, created if it is missing or not a map.
node& map_member(node& parent, std::string_view key, const origin& at);
/// Puts `value` into the map `parent` in place of a member of the same key.
void put(node& parent, node value);

/// Puts a scalar at `keys` into the map `root`, making the maps on the way.
void put_at(node& root, const std::vector<std::string>& keys, std::string text, const origin& at);
/// A map without members, the start of a layer.
node empty_map(const origin& at);
/// A scalar as a message may quote it. What came out of a variable, or is long, may be a secret in
/// the wrong place: that is "the value".
std::string shown(const node& scalar);

/// Lays `over` upon `base`: maps are merged key by key, everything else is replaced. A map made of
/// `from_file` or `from_env` only is one value (a secret) and is replaced as a whole.
void merge(node& base, const node& over);

} // namespace feedcast::settings
