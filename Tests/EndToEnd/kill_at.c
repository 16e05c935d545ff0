// Loaded into a program by LD_PRELOAD: ends it, as a power cut would, right before its n-th call
// that changes a file or waits for the disk; n stands in KILL_AT.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void step(void) {
  static atomic_int count;
  const char *text = getenv("KILL_AT");
  if (text && atomic_fetch_add(&count, 1) + 1 == atoi(text)) kill(getpid(), SIGKILL);
}

#define ORIGINAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

int rename(const char *from, const char *to) { step(); return ORIGINAL(rename)(from, to); }
int unlink(const char *path) { step(); return ORIGINAL(unlink)(path); }
int fsync(int descriptor) { step(); return ORIGINAL(fsync)(descriptor); }
int fdatasync(int descriptor) { step(); return ORIGINAL(fdatasync)(descriptor); }

ssize_t pwrite64(int descriptor, const void *bytes, size_t count, off64_t offset) {
  step();
  return ORIGINAL(pwrite64)(descriptor, bytes, count, offset);
}

ssize_t write(int descriptor, const void *bytes, size_t count) {
  if (descriptor > STDERR_FILENO) step();
  return ORIGINAL(write)(descriptor, bytes, count);
}
