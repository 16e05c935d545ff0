// What a file holds for those who read it, and what of that would survive a power cut.
#pragma once
#include <sqlite3.h>
#include <stdint.h>

struct overlay;

// The one overlay of the file at `path`, made from what `file` holds if there is none yet.
int overlay_find(const char *path, sqlite3_file *file, struct overlay **found);

// The file was unlinked: whoever still has it open keeps what it holds, and nobody finds it.
void overlay_forget(const char *path);

int64_t overlay_size(struct overlay *overlay);

// Like the methods of `sqlite3_file`.
int overlay_read(struct overlay *overlay, void *bytes, int count, int64_t offset);
int overlay_write(struct overlay *overlay, const void *bytes, int count, int64_t offset);
int overlay_truncate(struct overlay *overlay, int64_t size);

// Brings what is pending into `file`.
int overlay_sync(struct overlay *overlay, sqlite3_file *file);

// A sync failed: what was pending counts as written from now on, and is not.
void overlay_lose(struct overlay *overlay);

// Brings some of the sectors that are pending in any file to the disk, and ends the process.
void overlay_cut(uint64_t seed);
