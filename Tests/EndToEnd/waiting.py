"""Waiting for something to become true, with a deadline, so that no test sleeps on a guess."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

# A busy machine may be slow; a test that passes never waits this long.
PATIENCE_SECONDS = 15.0
POLL_SECONDS = 0.02


def eventually(
    probe: Callable[[], Answer], what: str, seconds: float = PATIENCE_SECONDS
) -> Answer:
    """Returns the first truthy answer of `probe`; a failed assertion in it counts as not yet."""
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            answer = probe()
            if answer:
                return answer
            last = answer
        except AssertionError as error:
            last = error
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {seconds:g} s: {what}; last seen: {last!r}")
        time.sleep(POLL_SECONDS)


def stays(probe: Callable[[], object], what: str, seconds: float) -> None:
    """Fails as soon as `probe` is not truthy, watching it for a while."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = probe()
        assert answer, f"no longer true: {what}"
        time.sleep(POLL_SECONDS)


def wait_for_second_after(instant: float) -> int:
    """Waits until the clock shows a later whole second than `instant`, and returns that second."""
    eventually(lambda: int(time.time()) > int(instant), "the next second", 5)
    return int(time.time())
