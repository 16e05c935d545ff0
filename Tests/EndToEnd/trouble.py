"""What must hold while the store is in trouble, and when the trouble is over."""

import sqlite3
import threading
import time
from collections.abc import Callable

from gateway import Gateway, Source
from http_client import Address, assert_problem, request
from payloads import EPOCH, new, new_id
from waiting import eventually

# Promised: back within 5 s; twice that lets a busy machine pass.
BACK_SECONDS_MAX = 10.0
# Promised: 100 ms; a busy machine may take longer, a loop that waits for a disk takes seconds.
HEALTH_SECONDS_MAX = 1.0


class HealthWatch:
    """Asks /healthz all the time, and remembers how long the slowest answer took."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._is_over = threading.Event()
        self._failure: BaseException | None = None
        self.seconds: list[float] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            while not self._is_over.wait(0.01):
                started = time.monotonic()
                assert request(self._address, "GET", "/healthz").status == 200
                self.seconds.append(time.monotonic() - started)
        except BaseException as error:
            self._failure = error

    def __enter__(self) -> "HealthWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(timeout=30)
        assert self._failure is None, self._failure
        assert self.seconds and max(self.seconds) < HEALTH_SECONDS_MAX, max(self.seconds)

    def __str__(self) -> str:
        median = sorted(self.seconds)[len(self.seconds) // 2]
        return (
            f"/healthz within {max(self.seconds) * 1000:.0f} ms "
            f"(median {median * 1000:.1f} ms of {len(self.seconds)})"
        )


def send_until_refused(source: Source, kept: list[str], refused: list[str]) -> None:
    """Webhooks until three in a row were refused as they should be."""
    for _ in range(5000):
        incident_id = new_id()
        answer = source.post(new(incident_id, EPOCH))
        if answer.status == 200:
            kept.append(incident_id)
            continue
        assert_problem(answer, 503)
        assert int(answer.header("Retry-After") or "0") > 0, answer.headers
        refused.append(incident_id)
        if len(refused) >= 3:
            return
    raise AssertionError("it never refused")


def assert_not_ready(gateway: Gateway, reason: str) -> None:
    answer = request(gateway.address, "GET", "/readyz")
    assert answer.status == 503, answer
    assert reason in answer.json()["checks"]["store"], answer
    eventually(lambda: has_said(gateway, "The store can't be written.", reason), "it is logged")
    for _ in range(20):
        started = time.monotonic()
        assert request(gateway.address, "GET", "/healthz").status == 200
        assert time.monotonic() - started < HEALTH_SECONDS_MAX


def has_said(gateway: Gateway, *words: str) -> bool:
    """Whether one line of the log, which is written a moment after things happen, has them all."""
    return any(all(word in line for word in words) for line in gateway.process.said().splitlines())


def assert_back(source: Source, report: Callable[[str], None], what: str) -> str:
    """Ready again by itself, and taking webhooks in."""
    gateway, started = source.gateway, time.monotonic()
    eventually(
        lambda: request(gateway.address, "GET", "/readyz").status == 200,
        "ready again",
        BACK_SECONDS_MAX,
    )
    report(f"{what}: ready again after {time.monotonic() - started:.1f} s")
    eventually(lambda: has_said(gateway, "The store can be written again."), "it is logged")
    incident_id = new_id()
    source.fire(new(incident_id, EPOCH))
    return incident_id


def assert_kept(gateway: Gateway, kept: list[str], refused: list[str]) -> None:
    assert all(gateway.find_alert(incident_id) for incident_id in kept)
    assert not any(gateway.find_alert(incident_id) for incident_id in refused)
    gateway.kill_and_restart()
    assert all(gateway.find_alert(incident_id) for incident_id in kept)
    assert not any(gateway.find_alert(incident_id) for incident_id in refused)
    gateway.stop()
    if not gateway.data.exists():
        return  # Kept elsewhere.
    with sqlite3.connect(gateway.data / "gateway.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
