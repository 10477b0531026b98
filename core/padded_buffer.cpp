#include "core/padded_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace feedcast {

padded_buffer::padded_buffer(std::string_view bytes) {
  append(bytes);
}

padded_buffer::padded_buffer(padded_buffer&& other) noexcept
    : bytes_(std::move(other.bytes_))
    , size_(std::exchange(other.size_, 0))
    , capacity_(std::exchange(other.capacity_, 0))
    , wipes_(other.wipes_) {}

padded_buffer& padded_buffer::operator=(padded_buffer&& other) noexcept {
  if (this == &other)
    return *this;
  release();
  bytes_ = std::move(other.bytes_);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  wipes_ = other.wipes_;
  return *this;
}

void padded_buffer::release() noexcept {
  if (wipes_ && bytes_)
    explicit_bzero(bytes_.get(), capacity_ + padding);
  bytes_.reset();
}

void padded_buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_)
    return;
  // for_overwrite: a page of megabytes need not be zeroed before it is read into.
  auto grown = std::make_unique_for_overwrite<char[]>(capacity + padding);
  if (size_ > 0)
    std::memcpy(grown.get(), bytes_.get(), size_);
  std::memset(grown.get() + size_, 0, padding);
  release();
  bytes_ = std::move(grown);
  capacity_ = capacity;
}

std::span<char> padded_buffer::prepare(std::size_t n) {
  if (size_ + n > capacity_)
    reserve(std::max(size_ + n, capacity_ * 2));
  return {bytes_.get() + size_, n};
}

void padded_buffer::commit(std::size_t n) noexcept {
  size_ += n;
  if (bytes_)
    std::memset(bytes_.get() + size_, 0, padding);
}

void padded_buffer::append(std::string_view bytes) {
  if (bytes.empty())
    return;
  std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
  commit(bytes.size());
}

void padded_buffer::drop_front(std::size_t n) noexcept {
  if (n == 0)
    return;
  const auto rest = size_ - n;
  std::memmove(bytes_.get(), bytes_.get() + n, rest);
  size_ = 0;
  commit(rest);
}

void padded_buffer::clear() noexcept {
  size_ = 0;
  if (bytes_)
    std::memset(bytes_.get(), 0, padding);
}

} // namespace feedcast
