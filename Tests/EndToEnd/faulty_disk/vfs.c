// A disk that fails on order, between SQLite and the operating system.
//
// Loaded with LD_PRELOAD, it wraps SQLite's default file system layer.
// Source: https://www.sqlite.org/vfs.html
#include <errno.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

#include "control.h"
#include "overlay.h"

struct handle {
  sqlite3_file file;
  enum file kind;
  bool is_doubtful;
  // NULL for a file that is written through.
  struct overlay *overlay;
  // Lies right behind.
  sqlite3_file *real;
};

static sqlite3_vfs *base;

static struct handle *handle_of(sqlite3_file *file) { return (struct handle *)file; }

static int failure(int error, int code) {
  switch (error) {
    case 0: return SQLITE_OK;
    case ENOSPC: return SQLITE_FULL;
    case EBUSY: return SQLITE_BUSY;
    default: return code;
  }
}

static int fault(sqlite3_file *file, enum call call, int code) {
  struct handle *handle = handle_of(file);
  bool changes = call == CALL_WRITE || call == CALL_TRUNCATE || call == CALL_SYNC;
  if (handle->is_doubtful && changes) control_add(WORD_DOUBTFUL_USES);
  return failure(control_fault(call, handle->kind), code);
}

// The file's methods.

static int close_file(sqlite3_file *file) {
  struct handle *handle = handle_of(file);
  return handle->real->pMethods->xClose(handle->real);
}

static int read_file(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset) {
  struct handle *handle = handle_of(file);
  int code = fault(file, CALL_READ, SQLITE_IOERR_READ);
  if (code != SQLITE_OK) return code;
  if (handle->overlay) return overlay_read(handle->overlay, bytes, count, offset);
  return handle->real->pMethods->xRead(handle->real, bytes, count, offset);
}

static int write_file(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  struct handle *handle = handle_of(file);
  int code = fault(file, CALL_WRITE, SQLITE_IOERR_WRITE);
  // What fails has got half way.
  if (code != SQLITE_OK) count /= 2;
  int done = handle->overlay
                 ? overlay_write(handle->overlay, bytes, count, offset)
                 : handle->real->pMethods->xWrite(handle->real, bytes, count, offset);
  return code != SQLITE_OK ? code : done;
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size) {
  struct handle *handle = handle_of(file);
  int code = fault(file, CALL_TRUNCATE, SQLITE_IOERR_TRUNCATE);
  if (code != SQLITE_OK) return code;
  if (handle->overlay) return overlay_truncate(handle->overlay, size);
  return handle->real->pMethods->xTruncate(handle->real, size);
}

static void wait_for_disk(enum file file) {
  int64_t files = control_get(WORD_SYNC_FILES);
  if (files != 0 && (files >> file & 1) == 0) return;
  int64_t milliseconds = control_get(WORD_SYNC_MILLISECONDS);
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (milliseconds > 0 && nanosleep(&time, &time) != 0) continue;
}

static int sync_file(sqlite3_file *file, int flags) {
  struct handle *handle = handle_of(file);
  int code = fault(file, CALL_SYNC, SQLITE_IOERR_FSYNC);
  wait_for_disk(handle->kind);
  if (control_cuts(handle->kind)) overlay_cut((uint64_t)control_get(WORD_CUT_SEED));
  if (code != SQLITE_OK) {
    handle->is_doubtful = true;
    if (handle->overlay) overlay_lose(handle->overlay);
    return code;
  }
  if (control_get(WORD_SYNC_LIES)) return SQLITE_OK;
  // Nothing outlives the machine here anyway, so what is buffered need not wait for a real disk.
  if (handle->overlay) return overlay_sync(handle->overlay, handle->real);
  return handle->real->pMethods->xSync(handle->real, flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  struct handle *handle = handle_of(file);
  int code = fault(file, CALL_SIZE, SQLITE_IOERR_FSTAT);
  if (code != SQLITE_OK) return code;
  if (!handle->overlay) return handle->real->pMethods->xFileSize(handle->real, size);
  *size = overlay_size(handle->overlay);
  return SQLITE_OK;
}

static int lock_file(sqlite3_file *file, int level) {
  int code = fault(file, CALL_LOCK, SQLITE_IOERR_LOCK);
  if (code != SQLITE_OK) return code;
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xLock(real, level);
}

static int unlock_file(sqlite3_file *file, int level) {
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xUnlock(real, level);
}

static int check_reserved_lock(sqlite3_file *file, int *is_reserved) {
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xCheckReservedLock(real, is_reserved);
}

// Has SQLite read another word than the one that was written: it keeps the text for itself.
static void change_pragma(char **arguments) {
  int64_t level = control_get(WORD_SYNCHRONOUS);
  bool is_it = sqlite3_stricmp(arguments[1], "synchronous") == 0 && arguments[2];
  if (level == 0 || !is_it || !arguments[2][0]) return;
  arguments[2][0] = (char)('0' + level - 1);
  arguments[2][1] = '\0';
  control_add(WORD_PRAGMAS_CHANGED);
}

static int control_file(sqlite3_file *file, int operation, void *argument) {
  struct handle *handle = handle_of(file);
  if (operation == SQLITE_FCNTL_PRAGMA) change_pragma(argument);
  // The real file must not grow before its content does.
  if (operation == SQLITE_FCNTL_SIZE_HINT && handle->overlay) return SQLITE_OK;
  return handle->real->pMethods->xFileControl(handle->real, operation, argument);
}

static int sector_size(sqlite3_file *file) {
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xSectorSize(real);
}

static int device_characteristics(sqlite3_file *file) {
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xDeviceCharacteristics(real);
}

static int shm_map(sqlite3_file *file, int region, int bytes, int extends, void volatile **map) {
  int code = fault(file, CALL_SHM_MAP, SQLITE_IOERR_SHMMAP);
  if (code != SQLITE_OK) return code;
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xShmMap(real, region, bytes, extends, map);
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
  int code =
      flags & SQLITE_SHM_LOCK ? fault(file, CALL_SHM_LOCK, SQLITE_IOERR_SHMLOCK) : SQLITE_OK;
  if (code != SQLITE_OK) return code;
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xShmLock(real, offset, count, flags);
}

static void shm_barrier(sqlite3_file *file) {
  sqlite3_file *real = handle_of(file)->real;
  real->pMethods->xShmBarrier(real);
}

static int shm_unmap(sqlite3_file *file, int is_deleted) {
  sqlite3_file *real = handle_of(file)->real;
  return real->pMethods->xShmUnmap(real, is_deleted);
}

// Version 2: without memory maps, which would go past this layer.
static const sqlite3_io_methods methods = {
    2,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    file_size,
    lock_file,
    unlock_file,
    check_reserved_lock,
    control_file,
    sector_size,
    device_characteristics,
    shm_map,
    shm_lock,
    shm_barrier,
    shm_unmap,
    NULL,
    NULL,
};

// The file system's methods.

static enum file kind_of_flags(int flags) {
  if (flags & SQLITE_OPEN_MAIN_DB) return FILE_DATABASE;
  if (flags & SQLITE_OPEN_WAL) return FILE_LOG;
  if (flags & SQLITE_OPEN_MAIN_JOURNAL) return FILE_JOURNAL;
  return FILE_OTHER;
}

static enum file kind_of_name(const char *name) {
  const char *suffix = strrchr(name, '-');
  if (suffix && strcmp(suffix, "-wal") == 0) return FILE_LOG;
  if (suffix && strcmp(suffix, "-journal") == 0) return FILE_JOURNAL;
  return FILE_OTHER;
}

static int open_file(
    sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *granted) {
  (void)vfs;
  struct handle *handle = handle_of(file);
  memset(handle, 0, sizeof *handle);
  handle->kind = kind_of_flags(flags);
  handle->real = (sqlite3_file *)(handle + 1);
  int code = fault(file, CALL_OPEN, SQLITE_CANTOPEN);
  if (code != SQLITE_OK) return code;
  code = base->xOpen(base, name, handle->real, flags, granted);
  if (code != SQLITE_OK) return code;
  if (control_get(WORD_BUFFERS) && handle->kind != FILE_OTHER) {
    code = overlay_find(name, handle->real, &handle->overlay);
    if (code != SQLITE_OK) {
      handle->real->pMethods->xClose(handle->real);
      return code;
    }
  }
  file->pMethods = &methods;
  return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *name, int syncs_directory) {
  (void)vfs;
  int code = failure(control_fault(CALL_DELETE, kind_of_name(name)), SQLITE_IOERR_DELETE);
  if (code != SQLITE_OK) return code;
  code = base->xDelete(base, name, syncs_directory);
  if (code == SQLITE_OK) overlay_forget(name);
  return code;
}

static int access_file(sqlite3_vfs *vfs, const char *name, int flags, int *answer) {
  (void)vfs;
  int code = failure(control_fault(CALL_ACCESS, kind_of_name(name)), SQLITE_IOERR_ACCESS);
  if (code != SQLITE_OK) return code;
  return base->xAccess(base, name, flags, answer);
}

__attribute__((constructor)) static void install(void) {
  static sqlite3_vfs faulty;
  control_open();
  base = sqlite3_vfs_find(NULL);
  faulty = *base;
  faulty.zName = "faulty";
  faulty.szOsFile = (int)sizeof(struct handle) + base->szOsFile;
  faulty.xOpen = open_file;
  faulty.xDelete = delete_file;
  faulty.xAccess = access_file;
  sqlite3_vfs_register(&faulty, 1);
}
