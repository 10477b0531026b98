#pragma once

#include "tests/couchdb/replay_server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>

/// The insides of the replay server.
namespace feedcast::test {

class replay_connection;

/// What the server, its thread and the test have in common.
struct replay_state {
  struct rule {
    request_shape shape;
    std::deque<replay> once;
    std::function<replay(const heard_request&)> always;
  };

  mutable std::mutex mutex; ///< guards all of it
  mutable std::condition_variable changed;
  std::deque<rule> rules;
  std::vector<heard_request> requests;
  std::vector<heard_request> unexpected;
  std::set<std::shared_ptr<replay_connection>> open;
  std::size_t connections = 0;
  std::size_t stalled = 0;
  std::size_t credits = 0; ///< calls of go_on() that no answer has used yet
  std::size_t written = 0;
  std::size_t writing = 0; ///< writes that are under way

  /// The answer for it; writes it down.
  replay answer_to(heard_request r);
};

/// One connection of a client. Lives on the server's thread; ends with its socket.
class replay_connection : public std::enable_shared_from_this<replay_connection> {
 public:
  replay_connection(boost::asio::ip::tcp::socket socket, replay_state& state, std::size_t number);

  void read();
  /// A credit is there, perhaps.
  void resume();
  /// An answer without end may have more to say.
  void poke();
  void end(replay::end how);
  /// Bytes that the client's system has not acknowledged.
  std::size_t in_flight();

 private:
  bool take_request();
  void say(replay answer);
  void next_piece();
  void write();
  void say_more(bool quiet);
  void watch_for_end();

  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  replay_state& state_;
  std::size_t number_;
  std::string received_;
  std::string block_ = std::string(16384, '\0');
  replay answer_;
  std::size_t piece_ = 0;       ///< that is being written
  std::size_t piece_said_ = 0;  ///< bytes of it
  std::size_t said_ = 0;        ///< bytes of the answer
  std::size_t stalls_done_ = 0; ///< of it
  bool stalled_ = false;
  bool answering_ = false;
  bool waiting_ = false; ///< for something to say
};

} // namespace feedcast::test
