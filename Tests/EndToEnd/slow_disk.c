// Loaded into the gateway by LD_PRELOAD: while the file that SLOW_DISK_FILE names is there, nothing
// reaches the disk, and the file grows by a byte for each call that waits for it.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_the_disk(void) {
  const char *file = getenv("SLOW_DISK_FILE");
  const struct timespec moment = {.tv_nsec = 5000000};
  const int log = file ? open(file, O_WRONLY | O_APPEND) : -1;
  if (log < 0) return;
  (void)!write(log, "x", 1);
  close(log);
  while (access(file, F_OK) == 0) nanosleep(&moment, NULL);
}

int fsync(int descriptor) {
  wait_for_the_disk();
  return (int)syscall(SYS_fsync, descriptor);
}

int fdatasync(int descriptor) {
  wait_for_the_disk();
  return (int)syscall(SYS_fdatasync, descriptor);
}
