// The page of memory that a test and this library share: what the test orders, what happened.
// The test reads the names below from this file, so their order is all that both must agree on.
#pragma once
#include <stdint.h>

// What SQLite asks of a file system; unlocking and closing cannot fail and are not counted.
enum call {
  CALL_OPEN,
  CALL_READ,
  CALL_WRITE,
  CALL_TRUNCATE,
  CALL_SYNC,
  CALL_SIZE,
  CALL_LOCK,
  CALL_SHM_MAP,
  CALL_SHM_LOCK,
  CALL_DELETE,
  CALL_ACCESS,
  CALLS_COUNT
};

enum file {
  FILE_DATABASE,
  FILE_LOG,
  FILE_JOURNAL,
  FILE_OTHER,
  FILES_COUNT
};

// Words of 64 bits. Sets of calls or files have bit n for the n-th name.
enum word {
  // From the start on: not 0 keeps what is not synced in memory, so that SIGKILL is a power cut.
  WORD_BUFFERS,
  // What `PRAGMA synchronous` sets, whatever it says: 0 as it says, 1 OFF, 2 NORMAL.
  WORD_SYNCHRONOUS,
  // Not 0: a sync is answered as done, and is not.
  WORD_SYNC_LIES,
  // How long each sync takes on top, and of which files; 0 for all.
  WORD_SYNC_MILLISECONDS,
  WORD_SYNC_FILES,
  // The power is cut in the n-th sync from now of these files; 0 for never.
  WORD_CUT_AFTER,
  WORD_CUT_FILES,
  // Decides which sectors of what was pending reach the disk in such a cut.
  WORD_CUT_SEED,
  // The n-th of these calls on these files fails with this `errno`, and so do those after it, as
  // many times as said, or until AFTER is 0 when TIMES is 0. What fails next when that is over.
  WORD_FAULT_ERROR,
  WORD_FAULT_AFTER,
  WORD_FAULT_CALLS,
  WORD_FAULT_FILES,
  WORD_FAULT_TIMES,
  WORD_NEXT_AFTER,
  WORD_NEXT_CALLS,
  WORD_NEXT_FILES,
  WORD_NEXT_TIMES,
  // What happened: failures made, and the last of them.
  WORD_FAULTS,
  WORD_LAST_CALL,
  WORD_LAST_FILE,
  // Uses of an open file after a sync of it failed, other than closing it.
  WORD_DOUBTFUL_USES,
  WORD_PRAGMAS_CHANGED,
  // From here on the calls so far, FILES_COUNT words for each call.
  WORD_CALLS,
  WORDS_COUNT = WORD_CALLS + CALLS_COUNT * FILES_COUNT
};

// Maps the page that FAULTY_DISK names; ends the process when it cannot.
void control_open(void);

int64_t control_get(enum word word);
void control_add(enum word word);

// Counts a call; returns the `errno` with which it has to fail, 0 if it does not.
int control_fault(enum call call, enum file file);

// Whether the power is cut in this sync.
int control_cuts(enum file file);
