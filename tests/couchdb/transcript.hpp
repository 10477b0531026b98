#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// What a real CouchDB said and was told, byte for byte: the files of tests/couchdb/transcripts.
namespace feedcast::test {

/// What one read of the recorder brought, in either direction.
struct recorded_piece {
  enum class sort : unsigned char { request, answer, client_closed, server_closed, server_reset };
  sort what = sort::request;
  std::chrono::milliseconds at{0}; ///< since the recording of the file began
  std::string connection;          ///< "conn1"
  std::string bytes;               ///< of `request` and `answer`
  std::size_t left_out = 0;        ///< so many bytes of it are not in the file
};

/// What one call of a client was on the wire, `[N]` of a file.
struct exchange {
  std::string name; ///< "05#3"
  std::string title;
  std::string command; ///< the call, as a curl command
  std::vector<recorded_piece> pieces;
  std::vector<std::string> notes; ///< of the recorder, behind it

  /// Nothing of it was left out of the file.
  bool whole() const noexcept;

  /// What the server answered to the `request`th request (from 0) of the connection (empty: the
  /// first one that is named), piece by piece. Throws if there is none, or if it is not whole.
  std::vector<std::string> answer(std::size_t request = 0, std::string connection = {}) const;

  /// The requests of all connections, in order.
  std::vector<std::string> requests() const;

  /// It was the server that closed the connection, which had said no more than this.
  bool closed_by_server() const noexcept;
  bool reset_by_server() const noexcept;
};

/// Pulls a file apart. Throws std::runtime_error, with the line, at what is no part of one.
std::map<int, exchange> parse_transcript(std::string_view file, const std::string& name);

/// "05#3": exchange 3 of the file whose name begins with "05-". Read once. Throws if there is none.
const exchange& recorded(const std::string& name);

/// Their numbers: "01", "17b".
std::vector<std::string> transcript_names();

/// Of all files.
std::vector<const exchange*> all_exchanges();

/// The body of an answer that is here in pieces, without its head and the framing of its chunks.
/// A body that was cut off, or that goes over into something else, is what is good of it.
std::string body_of(const std::vector<std::string>& answer);

} // namespace feedcast::test
