// Shows ThreadSanitizer what Swift's Mutex does when it has to wait.
//
// A lock that is free is taken and given back inline, in code that is instrumented. One that is
// held is waited for inside libswiftSynchronization, which is not: ThreadSanitizer would see no
// order between two holders and report what they guard. Loaded before that library, these two
// functions stand in for its own, call them, and say what happened. A lock that somebody forgets
// to take is still found.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// Missing in a process that isn't instrumented, such as the one that starts the tests.
__attribute__((weak)) void __tsan_acquire(const void *mutex);
__attribute__((weak)) void __tsan_release(const void *mutex);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

// Source: swift, stdlib/public/Synchronization/Mutex/LinuxImpl.swift, with the names mangled.
#define LOCK_SLOW "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK_SLOW "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

typedef SWIFT void lock_slow_type(uint32_t thread, SELF const void *mutex);
typedef SWIFT void unlock_slow_type(SELF const void *mutex);

SWIFT void lock_slow(uint32_t thread, SELF const void *mutex) __asm__(LOCK_SLOW);
SWIFT void unlock_slow(SELF const void *mutex) __asm__(UNLOCK_SLOW);

static void *real(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (function == NULL) abort();
  return function;
}

SWIFT void lock_slow(uint32_t thread, SELF const void *mutex) {
  ((lock_slow_type *)real(LOCK_SLOW))(thread, mutex);
  if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT void unlock_slow(SELF const void *mutex) {
  if (__tsan_release) __tsan_release(mutex);
  ((unlock_slow_type *)real(UNLOCK_SLOW))(mutex);
}
