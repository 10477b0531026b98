#pragma once

#include "emulator/epk.hpp"

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace feedcast::emulator {

/// The types of values, in the order in which ORDER BY puts them.
enum class query_type : std::uint8_t { undefined, null, boolean, number, text, array, object };

/// A number as the service has it, a double; `whole` is it to the last digit if `exact`.
struct query_number {
  double value = 0;
  std::int64_t whole = 0;
  bool exact = false;
};

/// An array or object of a document or parameter.
struct query_json {
  simdjson::dom::element element;
  std::string_view text; ///< its bytes, if they are at hand: they are written as they are
};

struct query_composite;

/// What an expression yields. A view: it points into a parsed document, the query, or an arena,
/// and is as short-lived as these.
using query_value = std::variant<undefined_value, null_value, bool, query_number, std::string_view,
                                 query_json, const query_composite*>;

/// An array or object that a query makes. `names` is empty for an array; no value of an object is
/// undefined.
struct query_composite {
  bool is_object = false;
  std::vector<std::string_view> names;
  std::vector<query_value> values;
};

/// Owns what expressions make on their way. Not thread-safe.
class query_arena {
 public:
  /// Beyond this many bytes of texts, they are kept empty.
  static constexpr std::size_t most_text = std::size_t{64} << 20;

  std::string_view keep(std::string text);

  /// Whether a text has been lost since the last `clear`.
  bool overflowed() const noexcept { return overflowed_; }

  query_composite& make(bool is_object) {
    composites_.push_back({is_object, {}, {}});
    return composites_.back();
  }

  struct mark {
    std::size_t texts = 0;
    std::size_t text_bytes = 0;
    std::size_t composites = 0;
  };

  mark here() const noexcept { return {texts_.size(), text_bytes_, composites_.size()}; }

  /// Forgets all that was made since.
  void release(mark since);
  void clear();

 private:
  std::deque<std::string> texts_; ///< addresses stay
  std::deque<query_composite> composites_;
  std::size_t text_bytes_ = 0;
  bool overflowed_ = false;
};

query_value to_value(simdjson::dom::element element);

query_type type_of(const query_value& value) noexcept;

/// Undefined if there is none.
query_value member_of(const query_value& value, std::string_view name);
query_value element_of(const query_value& value, std::size_t index);

/// Calls `each` for the elements of an array until it returns false; then, false. True for what is
/// no array.
bool for_each_element(const query_value& value,
                      const std::function<bool(const query_value&)>& each);
std::size_t length_of(const query_value& array);
/// The same for the members of an object, which it must be.
bool for_each_member(const query_value& object,
                     const std::function<bool(std::string_view, const query_value&)>& each);

using query_member = std::pair<std::string_view, query_value>;

/// By name. In this form large objects are compared quickly.
std::vector<query_member> sorted_members(const query_value& object);

/// By value, arrays and objects member by member. Values of two types are not equal.
bool is_equal(const query_value& a, const query_value& b);

/// Below, at or above zero. Of one type, and neither array nor object.
int compare_scalars(const query_value& a, const query_value& b);

/// Appends it as JSON. Stops in the middle, sooner or later, once `out` is larger than `most`.
void write_value(const query_value& value, std::string& out,
                 std::size_t most = std::numeric_limits<std::size_t>::max());
void write_text(std::string_view text, std::string& out);

} // namespace feedcast::emulator
