#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <limits>
#include <string>
#include <vector>

namespace feedcast::test {

/// What the replay server says to one request: bytes, how they are cut into writes, and what
/// becomes of the connection. Built in one expression:
///     replay::of("05#3").in_pieces_of(1).stalling_after(400)
class replay {
 public:
  enum class end : unsigned char {
    stay,  ///< the connection waits for its next request; after an answer without end it is silent
    close, ///< as a process that ends in order
    reset, ///< RST
  };

  /// The answer of a recorded exchange to its `request`th request (from 0), in the pieces it came
  /// in; closed or reset behind it if it was the recorded server that did so.
  static replay of(const std::string& exchange, std::size_t request = 0);
  /// `bytes`, head and all. For what was not recorded.
  static replay bytes(std::string bytes);
  /// A head and `body`, with its length.
  static replay json(unsigned status, const std::string& body, const std::string& headers = {});
  /// The head of an answer in chunks, and one chunk for each piece of `body`; no last one.
  static replay chunked(const std::vector<std::string>& body);
  /// Not a byte, and the connection is closed.
  static replay nothing();

  /// Goes on with the bytes of `other`, and ends as it does.
  replay then(const replay& other) &&;
  /// With `was` in place of `is` everywhere: of bytes without lengths, or of the same length.
  replay with(const std::string& is, const std::string& was) &&;

  replay in_pieces_of(std::size_t size) &&;
  replay in_one_piece() &&;
  /// A write ends at each of these offsets.
  replay cut_at(const std::vector<std::size_t>& offsets) &&;

  /// Only the first `size` bytes.
  replay only(std::size_t size) &&;
  replay closing() &&;
  replay resetting() &&;
  replay staying() &&;
  /// Waits there for replay_server::go_on(), which is for one such place. May be used repeatedly.
  replay stalling_after(std::size_t size) &&;
  /// The same at its end, before the connection is closed or goes on.
  replay stalling() &&;

  /// What an answer without end says behind its pieces: called when the server was poked, and with
  /// `quiet` when it has said nothing for `period`. Empty: nothing for now. On the server's thread.
  using more = std::function<std::string(bool quiet)>;
  replay going_on(more next, std::chrono::milliseconds period) &&;

  const std::vector<std::string>& pieces() const noexcept { return pieces_; }

  const std::vector<std::size_t>& stalls() const noexcept { return stalls_; }

  end ending() const noexcept { return ending_; }

  bool goes_on() const noexcept { return next_ != nullptr; }

  std::chrono::milliseconds period() const noexcept { return period_; }

  /// Its pieces are what comes next; false if that is nothing.
  bool ask_for_more(bool quiet);

  std::string text() const;
  std::size_t size() const noexcept;

 private:
  std::vector<std::string> pieces_;
  std::vector<std::size_t> stalls_; ///< offsets, ascending
  end ending_ = end::stay;
  more next_;
  std::chrono::milliseconds period_{0};
};

} // namespace feedcast::test
