"""Clocks that a test moves under a running gateway."""

import mmap
import struct
import subprocess
from pathlib import Path

SHIM = Path(__file__).with_name("clock_shim.c")
NANOSECONDS = 1_000_000_000


class FakeClock:
    """They run at their usual pace; what is moved is how far they are off."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._library = directory / "clock_shim.so"
        command = ["cc", "-shared", "-fPIC", "-O2", "-Wall", "-o", self._library, SHIM]
        subprocess.run(command, check=True, timeout=60)
        self._file = directory / "clock"
        self._file.write_bytes(bytes(16))
        with self._file.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), 16)

    @property
    def settings(self) -> dict[str, str]:
        """What the gateway's environment needs."""
        return {"LD_PRELOAD": str(self._library), "GATEWAY_TEST_CLOCK": str(self._file)}

    @property
    def passed(self) -> float:
        """Seconds that were let pass."""
        return struct.unpack("qq", self._map[:])[1] / NANOSECONDS

    def set_wall(self, seconds: float) -> None:
        """Sets the wall clock ahead, or back; the clocks that never jump don't."""
        self._map[:8] = struct.pack("q", int(seconds * NANOSECONDS))

    def let_pass(self, seconds: float) -> None:
        """Moves all clocks on, as if so much time went by.

        A timer of the gateway that this makes due comes when its loop next wakes, which a request
        makes it do.
        """
        wall, steady = struct.unpack("qq", self._map[:])
        step = int(seconds * NANOSECONDS)
        self._map[:] = struct.pack("qq", wall + step, steady + step)
