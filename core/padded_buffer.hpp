#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace feedcast {

/// Owns bytes that are followed by at least `padding` readable zero bytes, as simdjson wants them.
/// Moved along the hot path, never copied. Not thread-safe; share it as `const`.
class padded_buffer {
 public:
  /// At least simdjson::SIMDJSON_PADDING; pipeline/decode.cpp asserts it.
  static constexpr std::size_t padding = 64;

  padded_buffer() = default;
  explicit padded_buffer(std::string_view bytes);

  padded_buffer(padded_buffer&& other) noexcept;
  padded_buffer& operator=(padded_buffer&& other) noexcept;
  padded_buffer(const padded_buffer&) = delete;
  padded_buffer& operator=(const padded_buffer&) = delete;

  ~padded_buffer() { release(); }

  /// For bytes that hold credentials: from now on, and wherever they are moved, memory is
  /// overwritten before it is freed.
  void wipe_when_freed() noexcept { wipes_ = true; }

  const char* data() const noexcept { return bytes_ ? bytes_.get() : ""; }

  char* data() noexcept { return bytes_.get(); }

  std::size_t size() const noexcept { return size_; }

  bool empty() const noexcept { return size_ == 0; }

  /// Usable bytes, padding not counted.
  std::size_t capacity() const noexcept { return capacity_; }

  std::string_view view() const noexcept { return {data(), size_}; }

  /// Makes room for `capacity` bytes in all. Existing bytes stay.
  void reserve(std::size_t capacity);
  /// Grows capacity geometrically as needed and returns the `n` bytes behind the current end;
  /// `commit` makes them part of the buffer.
  std::span<char> prepare(std::size_t n);
  /// Adds the first `n` prepared bytes and renews the zero padding behind them.
  void commit(std::size_t n) noexcept;
  void append(std::string_view bytes);
  /// Removes the first `n` bytes; the others move to the front.
  void drop_front(std::size_t n) noexcept;
  void clear() noexcept;

 private:
  /// Frees the memory, overwritten if it has to be.
  void release() noexcept;

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  bool wipes_ = false;
};

} // namespace feedcast
