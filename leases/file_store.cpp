#include "leases/file_store.hpp"

#include "core/clock.hpp"
#include "leases/durable_file.hpp"
#include "leases/store_document.hpp"

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

namespace feedcast {

namespace {

std::string file_name_of(std::string_view processor) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string out;
  for (const auto c : processor) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                       || c == '_' || c == '-' || (c == '.' && !out.empty());
    const auto byte = static_cast<unsigned char>(c);
    if (plain)
      out += c;
    else
      (out += '%').append({hex[byte >> 4U], hex[byte & 15U]});
  }
  return out;
}

wall_time now() {
  return system_clock_source().wall();
}

} // namespace

struct file_store::worker : std::enable_shared_from_this<worker> {
  worker(std::string f, const std::string& processor)
      : folder{std::move(f)}
      , stem{(std::filesystem::path{folder} / file_name_of(processor)).string()} {}

  void start() {
    // The thread keeps its state alive, for the case that an answer destroys the store.
    thread = std::thread{[self = shared_from_this()] { self->run(); }};
  }

  void run();
  void stop();
  void post(std::function<void(worker&)> job);

  result<lease_store_state> open();
  result<lease> put(lease l, bool fresh);
  result<bool> save(store_document changed);
  result<bool> remove(const lease& l);
  result<bool> mark(wall_time started_at);

  /// What answers a call that came before open() succeeded.
  error not_open() const {
    return make_error(errc::rejected,
                      "lease file " + stem + ".json is not open: open() must succeed first");
  }

  const std::string folder;
  const std::string stem;
  std::thread thread;

  // Only the worker's thread touches these two. The document is present while the store is open.
  std::optional<file_lock> lock;
  std::optional<store_document> document;

  std::mutex mutex; ///< guards what follows
  std::condition_variable wake;
  std::deque<std::function<void(worker&)>> jobs;
  bool stopping = false;
};

void file_store::worker::run() {
  for (;;) {
    std::function<void(worker&)> job;
    {
      std::unique_lock hold{mutex};
      wake.wait(hold, [&] { return stopping || !jobs.empty(); });
      if (stopping)
        return;
      job = std::move(jobs.front());
      jobs.pop_front();
    }
    job(*this);
  }
}

void file_store::worker::stop() {
  std::deque<std::function<void(worker&)>>
      unrun; // destroyed outside the lock: they may own anything
  {
    const std::lock_guard hold{mutex};
    stopping = true;
    unrun.swap(jobs);
  }
  wake.notify_all();
  if (thread.get_id() == std::this_thread::get_id())
    thread.detach();
  else
    thread.join();
}

void file_store::worker::post(std::function<void(worker&)> job) {
  {
    const std::lock_guard hold{mutex};
    jobs.push_back(std::move(job));
  }
  wake.notify_one();
}

result<lease_store_state> file_store::worker::open() {
  if (document)
    return document->state;
  std::error_code failure;
  std::filesystem::create_directories(folder, failure);
  if (failure)
    return make_error(errc::forbidden,
                      "can't create the lease folder " + folder + ": " + failure.message());
  if (!lock) {
    auto held = file_lock::acquire(stem + ".lock");
    if (!held)
      return held.error();
    lock.emplace(std::move(*held));
  }
  const auto path = stem + ".json";
  const auto text = read_file(path);
  if (!text)
    return text.error();
  auto loaded = *text ? read_store(**text) : result<store_document>{store_document{}};
  if (!loaded)
    return make_error(
        loaded.error().code,
        "lease file " + path + " can't be used: " + loaded.error().detail
            + "; restore it from a backup, or move it away to start every range anew");
  document = std::move(*loaded);
  return document->state;
}

result<bool> file_store::worker::save(store_document changed) {
  if (auto written = replace_file(stem + ".json", write_store(changed)); !written)
    return written;
  document = std::move(changed);
  return true;
}

result<lease> file_store::worker::put(lease l, bool fresh) {
  const auto where = "lease of range " + l.range_id + " in " + stem + ".json";
  auto changed = *document;
  const auto found = changed.leases.find(l.range_id);
  if (fresh && found != changed.leases.end())
    return make_error(errc::conflict, where + " exists already");
  if (!fresh && found == changed.leases.end())
    return make_error(errc::not_found, where + " does not exist");
  if (!fresh && found->second.version != l.version)
    return make_error(errc::conflict, where + " was written by somebody else since it was read");
  l.version = std::to_string(++changed.writes);
  l.stored_at = now();
  changed.leases[l.range_id] = l;
  if (auto saved = save(std::move(changed)); !saved)
    return saved.error();
  return l;
}

result<bool> file_store::worker::remove(const lease& l) {
  auto changed = *document;
  if (changed.leases.erase(l.range_id) == 0)
    return false;
  return save(std::move(changed));
}

result<bool> file_store::worker::mark(wall_time started_at) {
  if (document->state.initialised)
    return false;
  auto changed = *document;
  changed.state = {true, started_at};
  return save(std::move(changed));
}

file_store::file_store(std::string folder, std::string processor)
    : worker_{std::make_shared<worker>(std::move(folder), processor)} {
  worker_->start();
}

file_store::~file_store() {
  worker_->stop();
}

void file_store::open(callback<lease_store_state> done) {
  worker_->post([done = std::move(done)](worker& w) { done(w.open()); });
}

void file_store::list(callback<lease_listing> done) {
  worker_->post([done = std::move(done)](worker& w) {
    if (!w.document)
      return done(w.not_open());
    lease_listing out;
    for (const auto& [range, l] : w.document->leases)
      out.leases.push_back(l);
    out.now = now();
    done(std::move(out));
  });
}

void file_store::lock(callback<milliseconds> done) {
  // The file's own lock is held since open().
  worker_->post([done = std::move(done)](worker& w) {
    done(w.document ? result<milliseconds>{milliseconds{0}} : result<milliseconds>{w.not_open()});
  });
}

void file_store::unlock(callback<bool> done) {
  worker_->post([done = std::move(done)](worker& w) {
    done(w.document ? result<bool>{true} : result<bool>{w.not_open()});
  });
}

lease_costs file_store::costs() const {
  return {};
}

void file_store::create(lease l, callback<lease> done) {
  worker_->post([l = std::move(l), done = std::move(done)](worker& w) {
    done(w.document ? w.put(l, true) : result<lease>{w.not_open()});
  });
}

void file_store::replace(lease l, callback<lease> done) {
  worker_->post([l = std::move(l), done = std::move(done)](worker& w) {
    done(w.document ? w.put(l, false) : result<lease>{w.not_open()});
  });
}

void file_store::read(std::string range_id, callback<lease> done) {
  worker_->post([range_id = std::move(range_id), done = std::move(done)](worker& w) {
    if (!w.document)
      return done(w.not_open());
    const auto found = w.document->leases.find(range_id);
    if (found == w.document->leases.end())
      return done(make_error(errc::not_found, "lease of range " + range_id + " in " + w.stem
                                                  + ".json does not exist"));
    done(found->second);
  });
}

void file_store::remove(lease l, callback<bool> done) {
  worker_->post([l = std::move(l), done = std::move(done)](worker& w) {
    done(w.document ? w.remove(l) : result<bool>{w.not_open()});
  });
}

void file_store::mark_initialised(wall_time started_at, callback<bool> done) {
  worker_->post([started_at, done = std::move(done)](worker& w) {
    done(w.document ? w.mark(started_at) : result<bool>{w.not_open()});
  });
}

} // namespace feedcast
