#pragma once

#include "settings/diagnostic.hpp"
#include "settings/fields.hpp"
#include "settings/node.hpp"
#include "settings/substitute.hpp"

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace feedcast::settings {

/// What all readers of one load share.
struct read_context {
  const environment_map& environment;
  diagnostic_list& complaints;
};

/// Fills one block from one map of the tree; the visitor of fields.hpp that reads. A value that is
/// wrong is complained about and left at its default, so that one pass finds everything. Use
/// `read_block`.
class reader {
 public:
  /// `block` is nullptr if the map is not there: then only missing required keys are found.
  reader(const node* block, key_path path, origin at, read_context& context);

  void text(std::string_view name, std::string& out, need n = need::optional);
  void one_of(std::string_view name, std::string& out,
              std::initializer_list<std::string_view> allowed);
  template <class Enum, std::size_t N>
  void choice(std::string_view name, Enum& out, const std::array<named<Enum>, N>& allowed);
  void flag(std::string_view name, bool& out);
  void number(std::string_view name, std::uint32_t& out, bounds<std::uint32_t> limits);
  void size(std::string_view name, std::uint64_t& out, bounds<std::uint64_t> limits);
  void duration(std::string_view name, milliseconds& out, bounds<milliseconds> limits);
  void share(std::string_view name, percent& out, bounds<percent> limits);
  void secret(std::string_view name, settings::secret& out, need n);
  void list(std::string_view name, std::vector<std::string>& out,
            std::initializer_list<std::string_view> allowed = {}, need n = need::optional);
  void properties(std::string_view name, std::map<std::string, std::string>& plain,
                  std::map<std::string, settings::secret>& secrets);
  void start(std::string_view name, start_kind& kind, wall_time& time);
  template <class T, class Members>
  void group(std::string_view name, T& out, Members members);
  template <class T, class Members>
  void optional_group(std::string_view name, std::optional<T>& out, const T& initial,
                      Members members);
  template <class T, class Members>
  void table(std::string_view name, std::map<std::string, T>& out, Members members);

  /// True if something else stands where the block should be.
  bool refused() const noexcept { return refused_; }

  /// Complains about the keys that nothing asked for.
  void finish();

 private:
  const node* take(std::string_view name);
  const node* take_scalar(std::string_view name, std::string_view what, need n = need::optional);
  const node* as_map(const node* found, const key_path& path);
  bool check_entry_name(const node& entry, const key_path& path);
  std::optional<std::size_t> take_choice(std::string_view name,
                                         const std::vector<std::string>& allowed);
  void missing(std::string_view name);
  void wrong(const node& value, const key_path& path, std::string message, std::string hint);

  const node* block_;
  key_path path_;
  origin at_; ///< of the block, or of what is around the place where it is missing
  read_context& context_;
  std::vector<std::string> known_;
  bool refused_ = false;
};

/// Reads all of one block. One that is no map at all gets that complaint only, not one for every
/// missing key.
template <class T, class Members>
void read_block(const node* block, const key_path& path, const origin& at, read_context& context,
                T& out, Members members) {
  reader inner{block, path, at, context};
  if (inner.refused())
    return;
  members(inner, out);
  inner.finish();
}

template <class Enum, std::size_t N>
void reader::choice(std::string_view name, Enum& out, const std::array<named<Enum>, N>& allowed) {
  std::vector<std::string> names;
  names.reserve(N);
  for (const auto& option : allowed)
    names.emplace_back(option.name);
  if (const auto index = take_choice(name, names))
    out = allowed[*index].value;
}

template <class T, class Members>
void reader::group(std::string_view name, T& out, Members members) {
  const auto* found = take(name);
  read_block(found, path_ / name, found != nullptr ? found->key_at : at_, context_, out, members);
}

template <class T, class Members>
void reader::optional_group(std::string_view name, std::optional<T>& out, const T& initial,
                            Members members) {
  if (const auto* found = take(name))
    read_block(found, path_ / name, found->key_at, context_, out.emplace(initial), members);
}

template <class T, class Members>
void reader::table(std::string_view name, std::map<std::string, T>& out, Members members) {
  const auto* found = as_map(take(name), path_ / name);
  if (found == nullptr)
    return;
  for (const auto& entry : found->children) {
    const auto path = path_ / name / entry.key;
    if (check_entry_name(entry, path))
      read_block(&entry, path, entry.key_at, context_, out[entry.key], members);
  }
}

} // namespace feedcast::settings
