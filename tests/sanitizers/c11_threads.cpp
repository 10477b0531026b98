// Linked into builds with ThreadSanitizer only: C11's threads, as Debian's librdkafka uses them, in
// terms of POSIX's.
//
// ThreadSanitizer intercepts the POSIX functions alone. A thread that thrd_create of the C library
// started is unknown to it, and the program crashes at that thread's first call of malloc; a mtx_t
// orders nothing in its eyes.
#include <cerrno>
#include <cstdint>
#include <memory>
#include <new>
#include <pthread.h>
#include <threads.h>

static_assert(sizeof(mtx_t) >= sizeof(pthread_mutex_t)
              && alignof(mtx_t) >= alignof(pthread_mutex_t));
static_assert(sizeof(cnd_t) >= sizeof(pthread_cond_t) && alignof(cnd_t) >= alignof(pthread_cond_t));
static_assert(sizeof(tss_t) == sizeof(pthread_key_t) && sizeof(thrd_t) == sizeof(pthread_t));

namespace {

struct start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const std::unique_ptr<start> owned{static_cast<start*>(raw)};
  const auto code = std::intptr_t{owned->function(owned->argument)};
  void* result = nullptr;
  static_assert(sizeof(code) == sizeof(result));
  __builtin_memcpy(&result, &code, sizeof(result));
  return result;
}

int translated(int error) {
  switch (error) {
  case 0:
    return thrd_success;
  case ETIMEDOUT:
    return thrd_timedout;
  case EBUSY:
    return thrd_busy;
  case ENOMEM:
    return thrd_nomem;
  default:
    return thrd_error;
  }
}

// The C library's own types are these, behind opaque names.
pthread_mutex_t* mutex(mtx_t* opaque) {
  return reinterpret_cast<pthread_mutex_t*>(opaque);
}

pthread_cond_t* condition(cnd_t* opaque) {
  return reinterpret_cast<pthread_cond_t*>(opaque);
}

} // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  std::unique_ptr<start> owned{new (std::nothrow) start{function, argument}};
  if (!owned)
    return thrd_nomem;
  const auto error = pthread_create(thread, nullptr, run, owned.get());
  if (error == 0)
    static_cast<void>(owned.release());
  return translated(error);
}

int thrd_join(thrd_t thread, int* result) {
  void* raw = nullptr;
  const auto error = pthread_join(thread, &raw);
  if (error == 0 && result != nullptr) {
    std::intptr_t code = 0;
    __builtin_memcpy(&code, &raw, sizeof(code));
    *result = static_cast<int>(code);
  }
  return translated(error);
}

int thrd_detach(thrd_t thread) {
  return translated(pthread_detach(thread));
}

thrd_t thrd_current(void) {
  return pthread_self();
}

int mtx_init(mtx_t* opaque, int type) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((type & mtx_recursive) != 0)
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const auto error = pthread_mutex_init(mutex(opaque), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return translated(error);
}

int mtx_lock(mtx_t* opaque) {
  return translated(pthread_mutex_lock(mutex(opaque)));
}

int mtx_trylock(mtx_t* opaque) {
  return translated(pthread_mutex_trylock(mutex(opaque)));
}

int mtx_unlock(mtx_t* opaque) {
  return translated(pthread_mutex_unlock(mutex(opaque)));
}

void mtx_destroy(mtx_t* opaque) {
  pthread_mutex_destroy(mutex(opaque));
}

int cnd_init(cnd_t* opaque) {
  return translated(pthread_cond_init(condition(opaque), nullptr));
}

int cnd_signal(cnd_t* opaque) {
  return translated(pthread_cond_signal(condition(opaque)));
}

int cnd_broadcast(cnd_t* opaque) {
  return translated(pthread_cond_broadcast(condition(opaque)));
}

int cnd_wait(cnd_t* opaque, mtx_t* lock) {
  return translated(pthread_cond_wait(condition(opaque), mutex(lock)));
}

int cnd_timedwait(cnd_t* opaque, mtx_t* lock, const timespec* until) {
  return translated(pthread_cond_timedwait(condition(opaque), mutex(lock), until));
}

void cnd_destroy(cnd_t* opaque) {
  pthread_cond_destroy(condition(opaque));
}

} // extern "C"
