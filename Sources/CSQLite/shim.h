#pragma once
#include <sqlite3.h>

// Variadic functions and cast macros, which Swift can't import: one typed shim for each meaning.

// Before sqlite3_initialize only. Without statistics each allocation saves taking a mutex.
static inline int csqlite_config_memory_statistics(int is_on) {
  return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, is_on);
}

// `option` is one of the SQLITE_DBCONFIG_ values that take (int, int *).
static inline int csqlite_db_config_flag(sqlite3 *database, int option, int is_on) {
  return sqlite3_db_config(database, option, is_on, (int *)0);
}

// Slots of `size` bytes from a block of SQLite's own; 0 and 0 switch lookaside off.
static inline int csqlite_db_config_lookaside(sqlite3 *database, int size, int count) {
  return sqlite3_db_config(database, SQLITE_DBCONFIG_LOOKASIDE, (void *)0, size, count);
}

// SQLite takes its own copy of what is bound.
static inline sqlite3_destructor_type csqlite_transient(void) { return SQLITE_TRANSIENT; }

// What is bound stays valid until the statement lets go of it.
static inline sqlite3_destructor_type csqlite_static(void) { return SQLITE_STATIC; }
