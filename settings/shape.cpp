#include "settings/shape.hpp"

#include "settings/fields.hpp"

#include <initializer_list>
#include <map>
#include <optional>

namespace feedcast::settings {

namespace {

/// The visitor of fields.hpp that only writes down what there is.
class shape_builder {
 public:
  explicit shape_builder(shape& block) : block_(block) {}

  void text(std::string_view name, const std::string&, need n = need::optional) {
    add(shape::kind::text, name, n);
  }

  void one_of(std::string_view name, const std::string&,
              std::initializer_list<std::string_view> allowed) {
    add(shape::kind::text, name).choices.assign(allowed.begin(), allowed.end());
  }

  template <class Enum, std::size_t N>
  void choice(std::string_view name, Enum, const std::array<named<Enum>, N>& allowed) {
    auto& made = add(shape::kind::text, name);
    for (const auto& option : allowed)
      made.choices.emplace_back(option.name);
  }

  void flag(std::string_view name, bool) { add(shape::kind::flag, name); }

  void number(std::string_view name, std::uint32_t, bounds<std::uint32_t> limits) {
    limit(add(shape::kind::number, name), limits.low, limits.high);
  }

  void size(std::string_view name, std::uint64_t, bounds<std::uint64_t> limits) {
    limit(add(shape::kind::size, name), limits.low, limits.high);
  }

  void duration(std::string_view name, milliseconds, bounds<milliseconds> limits) {
    limit(add(shape::kind::duration, name), static_cast<std::uint64_t>(limits.low.count()),
          static_cast<std::uint64_t>(limits.high.count()));
  }

  void share(std::string_view name, percent, bounds<percent> limits) {
    limit(add(shape::kind::share, name), limits.low.value, limits.high.value);
  }

  void secret(std::string_view name, const settings::secret&, need n) {
    add(shape::kind::secret, name, n);
  }

  void list(std::string_view name, const std::vector<std::string>&,
            std::initializer_list<std::string_view> allowed = {}, need n = need::optional) {
    add(shape::kind::list, name, n).choices.assign(allowed.begin(), allowed.end());
  }

  void properties(std::string_view name, const std::map<std::string, std::string>&,
                  const std::map<std::string, settings::secret>&) {
    add(shape::kind::properties, name);
  }

  void start(std::string_view name, start_kind, wall_time) { add(shape::kind::start, name); }

  template <class T, class Members>
  void group(std::string_view name, T& value, Members members) {
    describe_into(add(shape::kind::group, name), value, members);
  }

  template <class T, class Members>
  void optional_group(std::string_view name, const std::optional<T>&, T initial, Members members) {
    describe_into(add(shape::kind::group, name), initial, members);
  }

  template <class T, class Members>
  void table(std::string_view name, const std::map<std::string, T>&, Members members) {
    auto& made = add(shape::kind::table, name);
    T entry;
    auto& any = made.members.emplace_back();
    any.key = "*";
    describe_into(any, entry, members);
  }

 private:
  shape& add(shape::kind type, std::string_view name, need n = need::optional) {
    auto& made = block_.members.emplace_back();
    made.type = type;
    made.key = name;
    made.required = n == need::required;
    return made;
  }

  static void limit(shape& at, std::uint64_t low, std::uint64_t high) {
    at.low = low;
    at.high = high;
  }

  template <class T, class Members>
  static void describe_into(shape& at, T& value, Members members) {
    shape_builder inner{at};
    members(inner, value);
  }

  shape& block_;
};

} // namespace

std::string_view to_string(shape::kind type) noexcept {
  switch (type) {
  case shape::kind::group:
    return "group";
  case shape::kind::table:
    return "table";
  case shape::kind::text:
    return "text";
  case shape::kind::list:
    return "list";
  case shape::kind::flag:
    return "flag";
  case shape::kind::number:
    return "number";
  case shape::kind::size:
    return "size";
  case shape::kind::duration:
    return "duration";
  case shape::kind::share:
    return "share";
  case shape::kind::secret:
    return "secret";
  case shape::kind::properties:
    return "properties";
  case shape::kind::start:
    return "start";
  }
  return "unknown";
}

const shape& service_shape() {
  static const shape root = [] {
    shape built;
    service_config any;
    shape_builder visitor{built};
    describe(visitor, any);
    return built;
  }();
  return root;
}

} // namespace feedcast::settings
