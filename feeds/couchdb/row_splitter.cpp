#include "feeds/couchdb/row_splitter.hpp"

#include <array>
#include <cstring>

namespace feedcast::couchdb {

namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What a scan of JSON outside of strings stops at.
constexpr auto marks = [] {
  std::array<bool, 256> all{};
  for (const unsigned char c : {'"', '{', '}', '[', ']'})
    all[c] = true;
  return all;
}();

} // namespace

row_splitter::row_splitter(row_form form, std::size_t max_row, bool wipe)
    : form_(form), max_row_(max_row) {
  if (!wipe)
    return;
  buffer_.wipe_when_freed();
  end_.wipe_when_freed();
}

void row_splitter::append(std::string_view bytes) {
  drop_consumed();
  buffer_.append(bytes);
}

/// Only once for each piece that comes: rows are not moved one by one.
void row_splitter::drop_consumed() {
  buffer_.drop_front(begin_);
  at_ -= begin_;
  begin_ = 0;
}

bool row_splitter::complete() const noexcept {
  if (in_row_)
    return false;
  return form_ == row_form::lines ? place_ == place::before : place_ == place::behind;
}

result<row_splitter::item> row_splitter::next() {
  auto one = scan();
  if (one && one->what == found::nothing
      && (buffer_.size() - begin_ > max_row_ || beside_.size() > max_row_))
    return make_error(errc::too_large,
                      "a row of the feed is larger than " + std::to_string(max_row_) + " bytes");
  return one;
}

/// Within a string: moves behind its end. False if that has not come.
bool row_splitter::scan_string() {
  const char* const bytes = buffer_.data();
  const auto size = buffer_.size();
  while (at_ < size) {
    if (escaped_) {
      escaped_ = false;
      ++at_;
      continue;
    }
    const auto* quote = static_cast<const char*>(std::memchr(bytes + at_, '"', size - at_));
    const auto end = quote == nullptr ? size : static_cast<std::size_t>(quote - bytes);
    const auto* slash = static_cast<const char*>(std::memchr(bytes + at_, '\\', end - at_));
    if (slash != nullptr) {
      at_ = static_cast<std::size_t>(slash - bytes) + 1;
      escaped_ = true;
      continue;
    }
    at_ = end;
    if (quote == nullptr)
      return false;
    ++at_;
    in_string_ = false;
    return true;
  }
  return false;
}

bool row_splitter::scan_row() {
  const char* const bytes = buffer_.data();
  const auto size = buffer_.size();
  for (;;) {
    if (in_string_ && !scan_string())
      return false;
    while (at_ < size && !marks[static_cast<unsigned char>(bytes[at_])])
      ++at_;
    if (at_ == size)
      return false;
    switch (bytes[at_++]) {
    case '"':
      in_string_ = true;
      break;
    case '{':
    case '[':
      ++depth_;
      break;
    default:
      if (--depth_ == 0)
        return true;
    }
  }
}

/// Something beside the rows, which are few bytes.
void row_splitter::step_beside(char c) {
  beside_ += c;
  if (in_string_) {
    if (escaped_)
      escaped_ = false;
    else if (c == '\\')
      escaped_ = true;
    else if (c == '"')
      in_string_ = false;
    return;
  }
  if (c == '"')
    in_string_ = true;
  else if (c == '{')
    ++depth_;
  else if (c == '[' && depth_ == 1)
    place_ = place::between;
  else if (c == '[')
    ++depth_;
  else if ((c == '}' || c == ']') && --depth_ == 0)
    place_ = place::behind;
}

result<row_splitter::item> row_splitter::scan() {
  const auto size = buffer_.size();
  for (;;) {
    if (in_row_) {
      if (!scan_row())
        return item{};
      in_row_ = false;
      const auto text = buffer_.view().substr(begin_, at_ - begin_);
      begin_ = at_;
      return item{found::row, text};
    }
    if (at_ == size) {
      begin_ = at_;
      return item{};
    }
    const char c = buffer_.data()[at_];
    const bool rows = form_ == row_form::lines || place_ == place::between;
    if (place_ == place::beside) {
      ++at_;
      step_beside(c);
      begin_ = at_;
      if (place_ != place::behind)
        continue;
      end_.clear();
      end_.append(beside_);
      return item{found::end, end_.view()};
    }
    if (rows && c == '{') {
      begin_ = at_++;
      in_row_ = true;
      depth_ = 1;
    } else if (is_space(c) || (place_ == place::between && c == ',')) {
      ++at_;
    } else if (place_ == place::between && c == ']') {
      ++at_;
      beside_ += c;
      depth_ = 1;
      place_ = place::beside;
    } else if (place_ == place::before && c == '{') {
      ++at_;
      beside_ = c;
      depth_ = 1;
      place_ = place::beside;
    } else {
      return make_error(errc::malformed, "the answer is no feed of changes");
    }
  }
}

} // namespace feedcast::couchdb
