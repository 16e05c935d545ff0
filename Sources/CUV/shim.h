#pragma once
#include <errno.h>
#include <features.h>

// Of these two headers the extensions as well: accept4, dl_iterate_phdr. Not by _GNU_SOURCE, which
// Swift's module of the C library is without: it names the member of fd_set otherwise, and Swift
// refuses a type that two modules tell differently.
#define __USE_GNU 1
#include <link.h>
#include <sys/socket.h>
#undef __USE_GNU

#include <malloc.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <uv.h>

// SIG_IGN is a cast macro, which Swift can't import.
static inline void cuv_ignore_sigpipe(void) { signal(SIGPIPE, SIG_IGN); }

// malloc.h is in no module that Swift can import.
static inline void cuv_trim_heap(void) { (void)malloc_trim(0); }

// For dl_iterate_phdr: lets go of the segments of one object that nobody may write, so that no page
// of them differs from its file; what the linker writes, and seals after, is of a segment that may
// be written. The kernel's own object (vDSO) has no file, and stays.
// Source: dl_iterate_phdr(3), elf(5), madvise(2) on MADV_DONTNEED, vdso(7).
static inline int cuv_release_object(struct dl_phdr_info *object, size_t size, void *pages) {
  (void)size;
  uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
  if (object->dlpi_addr == getauxval(AT_SYSINFO_EHDR)) return 0;
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
    if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W)) continue;
    uintptr_t start = (object->dlpi_addr + segment->p_vaddr) & ~(page - 1);
    uintptr_t end = object->dlpi_addr + segment->p_vaddr + segment->p_memsz;
    size_t bytes = (end - start + page - 1) & ~(page - 1);
    if (madvise((void *)start, bytes, MADV_DONTNEED) == 0) *(size_t *)pages += bytes / page;
  }
  return 0;
}

// Lets go of mapped code and constants; they come back from their files page by page.
// Returns how many pages are no longer held.
static inline size_t cuv_release_mappings(void) {
  size_t pages = 0;
  (void)dl_iterate_phdr(cuv_release_object, &pages);
  return pages;
}

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
