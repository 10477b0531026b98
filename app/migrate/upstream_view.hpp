#pragma once

#include "app/migrate/upstream_settings.hpp"

#include <initializer_list>
#include <set>
#include <string>
#include <string_view>

namespace feedcast::app {

/// Settings by name; notes which were asked for, so that the others can be told about.
class upstream_view {
 public:
  explicit upstream_view(const upstream_settings& all) : all_(all) {}

  /// The first of these that is there; lists and empty texts are not.
  const upstream_value* find(std::initializer_list<std::string> names);
  bool has(std::string_view prefix) const;
  /// Items of a list, whether written as one, as `a, b`, or as NAME.0, NAME.1 and so on.
  std::vector<std::string> list(const std::string& name);

  /// "NAME (origin): why" of every setting of the databases, the invalidator and Kafka that
  /// nobody asked for.
  std::vector<std::string> unused() const;

 private:
  const upstream_settings& all_;
  std::set<std::string, std::less<>> used_;
};

/// "10 h" as feedcast writes it: "10h"; empty if it is no time that fits.
std::string duration_of(std::string_view hocon);

} // namespace feedcast::app
