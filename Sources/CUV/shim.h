#pragma once
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <uv.h>

// SIG_IGN is a cast macro, which Swift can't import.
static inline void cuv_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

// malloc.h is in no module that Swift can import.
static inline void cuv_trim_heap(void) { (void)malloc_trim(0); }

// Source: prctl(2), PR_SET_DUMPABLE; it fails on values out of range only.
static inline void cuv_forbid_dumps(void) { (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); }

// Source: mallopt(3); it fails on values out of range only.
static inline void cuv_set_heap_thresholds(int map_bytes, int trim_bytes) {
  (void)mallopt(M_MMAP_THRESHOLD, map_bytes);
  (void)mallopt(M_TRIM_THRESHOLD, trim_bytes);
}

// SOCK_NONBLOCK and SOCK_CLOEXEC are one C enum with the socket types; adding them up needs C.
// Returns a descriptor, or a negated errno as libuv's calls do.
static inline int cuv_accept(int listener) {
  int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  return descriptor >= 0 ? descriptor : -errno;
}

// As above: a non-blocking Unix stream socket, or a negated errno.
static inline int cuv_unix_socket(void) {
  int descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return descriptor >= 0 ? descriptor : -errno;
}

// As above: a non-blocking Unix datagram socket, or a negated errno.
static inline int cuv_unix_datagram_socket(void) {
  int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return descriptor >= 0 ? descriptor : -errno;
}
