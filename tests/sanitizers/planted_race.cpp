// Two actors count on one plain integer: each whenever it likes ("unordered", a race), or one after
// the other by handing a message to and fro ("ordered", none).
#include <caf/all.hpp>

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace {

constexpr int rounds = 2'000;

struct shared_count {
  int value = 0;
};

using turn = caf::atom_constant<caf::atom("turn")>;

caf::behavior counter(caf::event_based_actor* self, shared_count* count, bool ordered) {
  return {[self, count, ordered](turn, const caf::actor& peer, int left) {
    ++count->value;
    if (left == 0) {
      self->send_exit(peer, caf::exit_reason::user_shutdown);
      self->quit();
    } else if (ordered) {
      self->send(peer, turn::value, caf::actor{self}, left - 1);
    } else {
      self->send(self, turn::value, peer, left - 1);
    }
  }};
}

} // namespace

int main(int argc, char** argv) {
  const bool ordered = argc > 1 && std::string_view{argv[1]} == "ordered";
  shared_count count;
  {
    caf::actor_system_config config;
    config.set("scheduler.max-threads", std::size_t{2})
        .set("scheduler.max-throughput", std::size_t{1});
    config.set("scheduler.policy", caf::atom("sharing"));
    caf::actor_system system{config};
    const auto one = system.spawn(counter, &count, ordered);
    const auto two = system.spawn(counter, &count, ordered);
    caf::anon_send(one, turn::value, two, rounds);
    if (!ordered)
      caf::anon_send(two, turn::value, one, rounds);
  }
  std::cout << count.value << '\n';
  return EXIT_SUCCESS;
}
