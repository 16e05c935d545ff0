#include "overlay.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR_BYTES = 512 };

// A write, or with `bytes` missing a truncation to `offset`.
struct change {
  int64_t offset;
  int64_t count;
  unsigned char *bytes;
};

struct overlay {
  struct overlay *next;
  char *path;
  unsigned char *image;
  int64_t size, room;
  struct change *pending;
  size_t pending_count, pending_room;
};

// Never freed: a few for each life of a process that is killed in the end.
static struct overlay *overlays;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *checked(void *memory) {
  if (!memory) abort();
  return memory;
}

static void resize(struct overlay *overlay, int64_t size) {
  if (size > overlay->room) {
    overlay->room = size * 2;
    overlay->image = checked(realloc(overlay->image, overlay->room));
  }
  if (size > overlay->size) memset(overlay->image + overlay->size, 0, size - overlay->size);
  overlay->size = size;
}

static void forget_pending(struct overlay *overlay) {
  for (size_t n = 0; n < overlay->pending_count; n++) free(overlay->pending[n].bytes);
  overlay->pending_count = 0;
}

static void add(struct overlay *overlay, struct change change) {
  if (overlay->pending_count == overlay->pending_room) {
    overlay->pending_room = overlay->pending_room * 2 + 64;
    overlay->pending =
        checked(realloc(overlay->pending, overlay->pending_room * sizeof change));
  }
  overlay->pending[overlay->pending_count++] = change;
}

static int load(const char *path, sqlite3_file *file, struct overlay **made) {
  sqlite3_int64 size;
  int code = file->pMethods->xFileSize(file, &size);
  if (code != SQLITE_OK) return code;
  struct overlay *overlay = checked(calloc(1, sizeof *overlay));
  overlay->path = checked(strdup(path));
  resize(overlay, size);
  if (size > 0) code = file->pMethods->xRead(file, overlay->image, (int)size, 0);
  overlay->next = overlays;
  if (code == SQLITE_OK) *made = overlays = overlay;
  return code;
}

int overlay_find(const char *path, sqlite3_file *file, struct overlay **found) {
  int code = SQLITE_OK;
  pthread_mutex_lock(&mutex);
  *found = NULL;
  for (struct overlay *overlay = overlays; overlay; overlay = overlay->next)
    if (overlay->path && strcmp(overlay->path, path) == 0) *found = overlay;
  if (!*found) code = load(path, file, found);
  pthread_mutex_unlock(&mutex);
  return code;
}

void overlay_forget(const char *path) {
  pthread_mutex_lock(&mutex);
  for (struct overlay *overlay = overlays; overlay; overlay = overlay->next) {
    if (!overlay->path || strcmp(overlay->path, path) != 0) continue;
    free(overlay->path);
    overlay->path = NULL;
    forget_pending(overlay);
  }
  pthread_mutex_unlock(&mutex);
}

int64_t overlay_size(struct overlay *overlay) {
  pthread_mutex_lock(&mutex);
  int64_t size = overlay->size;
  pthread_mutex_unlock(&mutex);
  return size;
}

int overlay_read(struct overlay *overlay, void *bytes, int count, int64_t offset) {
  pthread_mutex_lock(&mutex);
  int64_t there = overlay->size - offset;
  there = there < 0 ? 0 : there > count ? count : there;
  if (there > 0) memcpy(bytes, overlay->image + offset, there);
  pthread_mutex_unlock(&mutex);
  memset((char *)bytes + there, 0, count - there);
  return there < count ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

int overlay_write(struct overlay *overlay, const void *bytes, int count, int64_t offset) {
  pthread_mutex_lock(&mutex);
  if (offset + count > overlay->size) resize(overlay, offset + count);
  memcpy(overlay->image + offset, bytes, count);
  if (overlay->path) {
    unsigned char *copy = checked(malloc(count));
    memcpy(copy, bytes, count);
    add(overlay, (struct change){.offset = offset, .count = count, .bytes = copy});
  }
  pthread_mutex_unlock(&mutex);
  return SQLITE_OK;
}

int overlay_truncate(struct overlay *overlay, int64_t size) {
  pthread_mutex_lock(&mutex);
  resize(overlay, size);
  if (overlay->path) add(overlay, (struct change){.offset = size});
  pthread_mutex_unlock(&mutex);
  return SQLITE_OK;
}

int overlay_sync(struct overlay *overlay, sqlite3_file *file) {
  int code = SQLITE_OK;
  pthread_mutex_lock(&mutex);
  for (size_t n = 0; n < overlay->pending_count && code == SQLITE_OK; n++) {
    struct change *change = &overlay->pending[n];
    code = change->bytes ? file->pMethods->xWrite(
                               file, change->bytes, (int)change->count, change->offset)
                         : file->pMethods->xTruncate(file, change->offset);
  }
  if (code == SQLITE_OK) forget_pending(overlay);
  pthread_mutex_unlock(&mutex);
  return code;
}

void overlay_lose(struct overlay *overlay) {
  pthread_mutex_lock(&mutex);
  forget_pending(overlay);
  pthread_mutex_unlock(&mutex);
}

// splitmix64. Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014.
static uint64_t draw(uint64_t *state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

// A disk writes sectors in any order, and each whole: one that did not get its change at some time
// did not get a later one either, and what shows is the last that it got.
static void tear(struct overlay *overlay, uint64_t *state) {
  int descriptor = open(overlay->path, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) abort();
  int quarters = (int)(draw(state) % 5);  // 0: nothing arrives; 4: everything.
  unsigned char *is_stale = checked(calloc(overlay->room / SECTOR_BYTES + 2, 1));
  for (size_t n = 0; n < overlay->pending_count; n++) {
    struct change *change = &overlay->pending[n];
    if (!change->bytes) {
      int is_done = (int)(draw(state) % 4) < quarters;
      if (is_done && ftruncate(descriptor, change->offset) != 0) abort();
      continue;
    }
    int64_t end = change->offset + change->count;
    for (int64_t at = change->offset, next; at < end; at = next) {
      int64_t sector = at / SECTOR_BYTES;
      next = (sector + 1) * SECTOR_BYTES < end ? (sector + 1) * SECTOR_BYTES : end;
      if ((int)(draw(state) % 4) >= quarters) is_stale[sector] = 1;
      if (is_stale[sector]) continue;
      const unsigned char *bytes = change->bytes + (at - change->offset);
      if (pwrite(descriptor, bytes, next - at, at) != next - at) abort();
    }
  }
  free(is_stale);
  // Not closed: that would free the locks of SQLite on the same file.
}

void overlay_cut(uint64_t seed) {
  pthread_mutex_lock(&mutex);
  for (struct overlay *overlay = overlays; overlay; overlay = overlay->next)
    if (overlay->path && overlay->pending_count > 0) tear(overlay, &seed);
  kill(getpid(), SIGKILL);
  for (;;) pause();
}
