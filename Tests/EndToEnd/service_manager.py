"""The end of a service manager: a datagram socket on which a service says how it is."""

import contextlib
import socket
import time
from pathlib import Path


class ServiceManager:
    """Keeps what it was told; nothing is read unless somebody asks."""

    def __init__(self, address: str) -> None:
        # Source: sd_notify(3): `@` stands for the zero of an abstract name.
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.setblocking(False)
        # Assignments with the monotonic time at which they were read.
        self.told: list[tuple[str, float]] = []

    def fill(self) -> None:
        """Leaves no room for another datagram until somebody reads."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
            sender.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    sender.sendto(b"FILLER=1\n", self._socket.getsockname())

    def read(self) -> list[str]:
        """Every assignment so far, oldest first."""
        with contextlib.suppress(BlockingIOError):
            while True:
                text = self._socket.recv(4096).decode()
                assert text.endswith("\n") and "=" in text, repr(text)
                self.told += [(line, time.monotonic()) for line in text.splitlines()]
        return [line for line, _ in self.told]

    def forget(self) -> None:
        self.read()
        self.told.clear()

    def status(self) -> str:
        """The last words about how the service is."""
        found = [line for line in self.read() if line.startswith("STATUS=")]
        return found[-1].removeprefix("STATUS=") if found else ""

    def count(self, assignment: str) -> int:
        return self.read().count(assignment)

    def close(self) -> None:
        self._socket.close()
        if not self.address.startswith("@"):
            Path(self.address).unlink(missing_ok=True)
