"""A network of this thread's own, with nothing but a loopback interface, and routes to remove."""

import contextlib
import ctypes
import os
import subprocess
from collections.abc import Iterator

CLONE_NEWNET = 0x40000000


@contextlib.contextmanager
def network_of_its_own() -> Iterator[None]:
    """Until the end, this thread and what it starts see no other network. Needs root."""
    libc = ctypes.CDLL(None, use_errno=True)
    # The thread's, not the process's: other threads stay where they are.
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        check(libc.unshare(CLONE_NEWNET))
        ip("link", "set", "lo", "up")
        yield
    finally:
        check(libc.setns(before, CLONE_NEWNET))
        os.close(before)


def take_route_away(host: str) -> None:
    """Whoever connects to `host` is told at once that there is no way."""
    ip("route", "add", "unreachable", host, "table", "local")


def give_route_back(host: str) -> None:
    ip("route", "del", "unreachable", host, "table", "local")


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, timeout=10)


def check(status: int) -> None:
    if status != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
