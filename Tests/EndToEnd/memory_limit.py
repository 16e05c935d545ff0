"""A process held to so much memory, by a control group where one can be made."""

import contextlib
import os
import resource
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from processes import Process

GROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class MemoryLimit:
    """What holds the process, and what it is told of it."""

    # `cgroup` counts what is resident; `data` what is written or could be, stacks of threads too.
    kind: str
    directory: Path | None = None

    def kills(self) -> int:
        """How often the kernel ended a process to keep the limit."""
        if self.directory is None:
            return 0
        for name in ("memory.events", "memory.oom_control"):
            if (self.directory / name).exists():
                fields = (self.directory / name).read_text().split()
                return int(fields[fields.index("oom_kill") + 1])
        raise AssertionError(f"{self.directory} doesn't count kills")


@contextlib.contextmanager
def memory_limit(
    process: Process, size: int, *, data_size: int | None = None
) -> Iterator[MemoryLimit]:
    """Holds `process` to `size` bytes until it has ended, which must come first.

    Without control groups it is `data_size`, for what counts stacks that nobody fills.
    """
    name = f"bigpanda-gateway-test-{process.pid}"
    for parent in candidate_groups():
        directory = parent / name
        try:
            directory.mkdir()
        except OSError:
            continue
        try:
            if confine(directory, process, size):
                yield MemoryLimit("cgroup", directory)
                return
        finally:
            remove(directory, process)
    # Without the right to make groups: the nearest that a process may set for its children.
    # Source: getrlimit(2), RLIMIT_DATA.
    size = data_size or size
    resource.prlimit(process.pid, resource.RLIMIT_DATA, (size, size))
    yield MemoryLimit("data")


def candidate_groups() -> Iterator[Path]:
    """Where a group might be made: version 1 first, as its memory controller excludes the other."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        if "memory" in controllers.split(","):
            yield GROUPS / "memory" / path.lstrip("/")
            yield GROUPS / "memory"
        elif not controllers:
            yield GROUPS / path.lstrip("/")
            yield GROUPS


def confine(directory: Path, process: Process, size: int) -> bool:
    for name in ("memory.limit_in_bytes", "memory.max"):
        with contextlib.suppress(OSError):
            if (directory / name).exists():
                (directory / name).write_text(str(size))
                (directory / "cgroup.procs").write_text(str(process.pid))
                return True
    return False


def remove(directory: Path, process: Process) -> None:
    if process.is_running:
        process.kill()
    # A group that still holds the parent's share of a process that ended goes with the machine.
    with contextlib.suppress(OSError):
        os.rmdir(directory)
