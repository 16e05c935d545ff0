/* Clocks that a test moves under a program: preloaded, it adds to what the kernel says.
 *
 * The file that GATEWAY_TEST_CLOCK names holds two numbers of 64 bits, in nanoseconds: what is
 * added to the wall clock, and what is added to the clocks that never jump. It is mapped, so that
 * a test moves a clock by writing there.
 *
 * Debian's libfaketime can't be used: it sets variables of the environment, and where those stand
 * Swift's runtime looks for the arguments.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t none[2];
static const volatile int64_t *offsets = none;

__attribute__((constructor)) static void map_offsets(void) {
    const char *path = getenv("GATEWAY_TEST_CLOCK");
    int descriptor = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (descriptor < 0) abort();
    void *mapped = mmap(NULL, sizeof none, PROT_READ, MAP_SHARED, descriptor, 0);
    if (mapped == MAP_FAILED) abort();
    close(descriptor);
    offsets = mapped;
}

static int64_t offset_of(clockid_t clock) {
    switch (clock) {
    case CLOCK_REALTIME:
    case CLOCK_REALTIME_COARSE:
        return offsets[0];
    case CLOCK_MONOTONIC:
    case CLOCK_MONOTONIC_COARSE:
    case CLOCK_MONOTONIC_RAW:
    case CLOCK_BOOTTIME:
        return offsets[1];
    default: /* Processor time is nobody's to move. */
        return 0;
    }
}

int clock_gettime(clockid_t clock, struct timespec *now) {
    if (syscall(SYS_clock_gettime, clock, now) != 0) return -1;
    int64_t nanoseconds = now->tv_nsec + offset_of(clock) % 1000000000;
    now->tv_sec += offset_of(clock) / 1000000000;
    if (nanoseconds < 0) {
        nanoseconds += 1000000000;
        now->tv_sec -= 1;
    } else if (nanoseconds >= 1000000000) {
        nanoseconds -= 1000000000;
        now->tv_sec += 1;
    }
    now->tv_nsec = nanoseconds;
    return 0;
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
    (void)zone;
    struct timespec precise;
    if (clock_gettime(CLOCK_REALTIME, &precise) != 0) return -1;
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *out) {
    struct timespec precise;
    clock_gettime(CLOCK_REALTIME, &precise);
    if (out) *out = precise.tv_sec;
    return precise.tv_sec;
}
