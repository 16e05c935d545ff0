#include "control.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static int64_t *words;

void control_open(void) {
  const char *path = getenv("FAULTY_DISK");
  int descriptor = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  void *page = MAP_FAILED;
  if (descriptor >= 0) {
    size_t bytes = WORDS_COUNT * sizeof *words;
    page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
  }
  if (page == MAP_FAILED) {
    perror("faulty disk: FAULTY_DISK");
    _exit(97);
  }
  words = page;
}

int64_t control_get(enum word word) { return __atomic_load_n(&words[word], __ATOMIC_SEQ_CST); }

static void set(enum word word, int64_t value) {
  __atomic_store_n(&words[word], value, __ATOMIC_SEQ_CST);
}

void control_add(enum word word) { __atomic_add_fetch(&words[word], 1, __ATOMIC_SEQ_CST); }

// Both sides count down, and the test may order an end to it at any moment: that must win.
static int swap(enum word word, int64_t expected, int64_t value) {
  return __atomic_compare_exchange_n(
      &words[word], &expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

// Whether this is the one that was counted down to; it stays so until AFTER is changed.
static int is_due(enum word after) {
  for (;;) {
    int64_t left = control_get(after);
    if (left <= 1) return left == 1;
    if (swap(after, left, left - 1)) return 0;
  }
}

static int has(enum word word, int bit) { return control_get(word) >> bit & 1; }

static void arm_next(void) {
  int64_t after = control_get(WORD_NEXT_AFTER);
  if (after == 0 || !swap(WORD_NEXT_AFTER, after, 0)) return;
  set(WORD_FAULT_CALLS, control_get(WORD_NEXT_CALLS));
  set(WORD_FAULT_FILES, control_get(WORD_NEXT_FILES));
  set(WORD_FAULT_TIMES, control_get(WORD_NEXT_TIMES));
  swap(WORD_FAULT_AFTER, 0, after);
}

int control_fault(enum call call, enum file file) {
  control_add(WORD_CALLS + call * FILES_COUNT + file);
  if (!has(WORD_FAULT_CALLS, call) || !has(WORD_FAULT_FILES, file)) return 0;
  if (!is_due(WORD_FAULT_AFTER)) return 0;
  int64_t times = control_get(WORD_FAULT_TIMES);
  if (times > 1) {
    swap(WORD_FAULT_TIMES, times, times - 1);
  } else if (times == 1) {
    // Another thread may have taken the last one.
    if (!swap(WORD_FAULT_AFTER, 1, 0)) return 0;
    arm_next();
  }
  set(WORD_LAST_CALL, call);
  set(WORD_LAST_FILE, file);
  control_add(WORD_FAULTS);
  return (int)control_get(WORD_FAULT_ERROR);
}

int control_cuts(enum file file) {
  // Only once: the process that comes next finds the same page.
  return has(WORD_CUT_FILES, file) && is_due(WORD_CUT_AFTER) && swap(WORD_CUT_AFTER, 1, 0);
}
