#pragma once

#include "app/wait_for.hpp"
#include "leases/lease_store.hpp"

#include <memory>

namespace feedcast::app {

/// A lease store for commands: every call waits for its answer, at most `patience`; what was
/// throttled is asked again within that time. One owner, one thread.
class store_access {
 public:
  explicit store_access(std::shared_ptr<lease_store> store,
                        milliseconds patience = milliseconds{20'000});

  result<lease_store_state> open();
  result<lease_listing> list();
  result<milliseconds> lock();
  result<bool> unlock();
  result<lease> create(const lease& l);
  result<lease> replace(const lease& l);
  result<bool> mark_initialised(wall_time started_at);

 private:
  template <class T, class Call>
  result<T> ask(Call call);

  std::shared_ptr<lease_store> store_;
  const milliseconds patience_;
};

} // namespace feedcast::app
