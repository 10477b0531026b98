#include "emulator/query_accumulator.hpp"

namespace feedcast::emulator {

void query_accumulator::keep(const query_value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    best_text_ = *text;
    best_ = std::string_view(best_text_);
  } else {
    best_ = value;
  }
}

void query_accumulator::add(const query_value& value) {
  const query_type type = type_of(value);
  if (type == query_type::undefined)
    return;
  ++seen_;
  switch (which_) {
  case query_aggregate::count:
    return;
  case query_aggregate::average:
  case query_aggregate::sum:
    if (const auto* number = std::get_if<query_number>(&value))
      sum_ += number->value;
    else
      spoiled_ = true;
    return;
  case query_aggregate::maximum:
  case query_aggregate::minimum:
    break;
  }
  if (type >= query_type::array) {
    spoiled_ = true;
    return;
  }
  if (seen_ == 1) {
    keep(value);
    return;
  }
  const query_type best = type_of(best_);
  const int order = type != best ? (type < best ? -1 : 1) : compare_scalars(value, best_);
  if (which_ == query_aggregate::minimum ? order < 0 : order > 0)
    keep(value);
}

query_value query_accumulator::result() const {
  const auto whole = [](double n) { return query_number{n, static_cast<std::int64_t>(n), true}; };
  switch (which_) {
  case query_aggregate::count:
    return whole(static_cast<double>(seen_));
  case query_aggregate::sum:
    return spoiled_ ? query_value{} : query_value(query_number{sum_, 0, false});
  case query_aggregate::average:
    return spoiled_ || seen_ == 0
               ? query_value{}
               : query_value(query_number{sum_ / static_cast<double>(seen_), 0, false});
  default:
    return spoiled_ || seen_ == 0 ? query_value{} : best_;
  }
}

} // namespace feedcast::emulator
