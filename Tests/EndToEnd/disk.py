"""A disk that fails on order: a layer under the gateway's SQLite, from `faulty_disk`."""

import errno
import mmap
import re
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

SOURCES = Path(__file__).parent / "faulty_disk"
PAGE_BYTES = 4096

# What `synchronous` can be forced to.
OFF, NORMAL = 1, 2

# All that changes files or can fail to; the others are questions.
CHANGES = ("write", "truncate", "sync", "lock", "shm_lock", "delete")
QUESTIONS = ("open", "read", "size", "shm_map", "access")
LOG = ("log",)
DATABASE = ("database",)


def build(directory: Path) -> Path:
    """The layer as a library for LD_PRELOAD."""
    library = directory / "faulty_disk.so"
    command = ["cc", "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared"]
    command += ["-pthread", "-o", library, *sorted(SOURCES.glob("*.c")), "-lsqlite3"]
    result = subprocess.run(command, capture_output=True, text=True)
    assert result.returncode == 0, f"run .ci/install first?\n{result.stderr}"
    return library


def names(prefix: str) -> list[str]:
    """The names of an enum that the library shares with us, in order."""
    header = (SOURCES / "control.h").read_text()
    return [name.lower() for name in re.findall(rf"^  {prefix}_(\w+),$", header, re.MULTILINE)]


WORDS, CALLS, FILES = names("WORD"), names("CALL"), names("FILE")


def bits(chosen: Iterable[str], among: list[str]) -> int:
    return sum(1 << among.index(name) for name in chosen)


class Disk:
    """What is ordered of the layer in one gateway at a time, and what happened there."""

    def __init__(self, library: Path, page: Path, **words: int) -> None:
        page.write_bytes(bytes(PAGE_BYTES))
        with page.open("r+b") as file:
            self._page = mmap.mmap(file.fileno(), PAGE_BYTES)
        self.settings = {"LD_PRELOAD": str(library), "FAULTY_DISK": str(page)}
        for name, value in words.items():
            self.set(name, value)

    def get(self, word: str) -> int:
        return struct.unpack_from("q", self._page, 8 * WORDS.index(word))[0]

    def set(self, word: str, value: int) -> None:
        struct.pack_into("q", self._page, 8 * WORDS.index(word), value)

    def fail(
        self,
        *calls: str,
        files: Iterable[str] = FILES,
        after: int = 1,
        times: int = 0,
        error: int = errno.EIO,
    ) -> None:
        """The n-th such call from now fails, and those after it: `times` in all, 0 for ever."""
        self.set("fault_after", 0)
        self.set("fault_calls", bits(calls, CALLS))
        self.set("fault_files", bits(files, FILES))
        self.set("fault_times", times)
        self.set("fault_error", error)
        self.set("fault_after", after)

    def then_fail(self, *calls: str, files: Iterable[str] = FILES, after: int = 1) -> None:
        """Once more, counted from when the failure that was ordered is over."""
        self.set("next_calls", bits(calls, CALLS))
        self.set("next_files", bits(files, FILES))
        self.set("next_times", 1)
        self.set("next_after", after)

    def mend(self) -> None:
        self.set("next_after", 0)
        self.set("fault_after", 0)

    def cut_in_sync(self, after: int, seed: int, files: Iterable[str] = FILES) -> None:
        """The power fails in the n-th sync from now."""
        self.set("cut_after", 0)
        self.set("cut_seed", seed)
        self.set("cut_files", bits(files, FILES))
        self.set("cut_after", after)

    def count(self, *calls: str, files: Iterable[str] = FILES) -> int:
        """How many such calls there were so far."""
        base = WORDS.index("calls")
        places = [
            base + CALLS.index(call) * len(FILES) + FILES.index(file)
            for call in calls
            for file in files
        ]
        return sum(struct.unpack_from("q", self._page, 8 * place)[0] for place in places)

    def last_failure(self) -> str:
        return f"{CALLS[self.get('last_call')]} of {FILES[self.get('last_file')]}"
