"""BigPanda away for an hour: what comes in is taken, and what is owed is made afterwards.

The hour passes in seconds, on clocks that the test moves; GATEWAY_OUTAGE_REAL=1 lets it pass.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from fake_clock import FakeClock
from gateway import Gateway, Source
from payloads import EPOCH, new, new_id
from processes import free_port
from stub import Stub
from test_outage import DeadBigPanda
from test_rate import assert_rate_kept
from waiting import eventually

IS_REAL = os.environ.get("GATEWAY_OUTAGE_REAL") == "1"
OUTAGE_SECONDS = 3600
STEP_SECONDS = 2
OWED = 25
FIRST_CLOSE_SECONDS_MAX = 60
# Each owed close was tried during the hour, so that all are looked at before they are made. The
# first is made after its own look, not after everybody's.
LOOKS_BEFORE_FIRST_MAX = 10
# A probe comes at least half a minute after the one before, once the waits have grown. A restart
# finds out anew, and the readings of alerts that fire back off by themselves, to five minutes.
CALLS_MAX = OUTAGE_SECONDS // 30 + 2 * (6 + 8) + 2 * (OUTAGE_SECONDS // 150 + 10)
# In each step the gateway takes so many webhooks, one after the other. The first wakes it up, and
# what a timer then asks of the store stands in one queue with the later ones: they give it the
# time to act, however busy the machine is.
WEBHOOKS_A_STEP = 2
# A step or two may pass before what it caused is seen.
SLACK_SECONDS = 10 * STEP_SECONDS


class Hour:
    """Time as it passes for the gateway, with webhooks coming in throughout."""

    def __init__(self, clock: FakeClock, source: Source, dead: DeadBigPanda) -> None:
        self._clock = clock
        self._source = source
        self._dead = dead
        self._started_at = time.monotonic()
        self._incident_id = new_id()
        self._calls = 0
        self._called_at = 0.0
        self.longest_pause = 0.0
        self.webhooks = 0
        self.slowest = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started_at + self._clock.passed

    def step(self) -> None:
        if IS_REAL:
            time.sleep(STEP_SECONDS)
        else:
            self._clock.let_pass(STEP_SECONDS)
        for _ in range(WEBHOOKS_A_STEP):
            self._deliver()
        if self._dead.calls > self._calls:
            self._calls = self._dead.calls
            self._called_at = self.seconds
        self.longest_pause = max(self.longest_pause, self.seconds - self._called_at)

    def _deliver(self) -> None:
        self.webhooks += 1
        began_at = time.monotonic()
        self._source.deliver(new(self._incident_id, EPOCH + self.webhooks))
        self.slowest = max(self.slowest, time.monotonic() - began_at)

    def pass_until(self, seconds: float) -> None:
        while self.seconds < seconds:
            self.step()


@pytest.fixture
def clock(tmp_path: Path) -> FakeClock:
    return FakeClock(tmp_path / "clock")


def test_an_hour_without_bigpanda(
    clock: FakeClock,
    start_gateway: Callable[..., Gateway],
    binary: str,
    tmp_path: Path,
    report: Callable[[str], None],
) -> None:
    gateway, port = start_gateway(**clock.settings), free_port()
    stub = Stub(binary, tmp_path / "before", port=port)
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    source = gateway.create_source(answer.json()["id"])
    stub.process.kill()
    dead = DeadBigPanda(port)
    hour = Hour(clock, source, dead)
    alerts = {f"out-{index:02}": "" for index in range(OWED)}
    for incident_id in alerts:
        alerts[incident_id] = source.fire(new(incident_id, EPOCH))
        gateway.resolve(alerts[incident_id])
    hour.pass_until(OUTAGE_SECONDS / 2)
    gateway.kill_and_restart()
    hour.pass_until(OUTAGE_SECONDS)
    calls = dead.calls
    dead.stop()
    assert calls <= CALLS_MAX, f"{calls} calls in an hour"
    pause = hour.longest_pause
    assert pause <= FIRST_CLOSE_SECONDS_MAX + SLACK_SECONDS, f"nothing tried for {pause:.0f} s"

    stub = Stub(binary, tmp_path / "after", port=port, key=stub.key)
    stub.settings(rate_per_second=0)
    for incident_id in alerts:
        stub.create(id=incident_id, share=False)
    first_after = seconds_to_first_close(hour, stub)
    looks = next(index for index, call in enumerate(stub.calls()) if call["method"] == "POST")
    assert looks <= LOOKS_BEFORE_FIRST_MAX, f"{looks} calls before the first close"
    eventually(lambda: len(stub.resolves()) == OWED, "a close for each", 60)
    for alert_id in alerts.values():
        gateway.wait_for_close(alert_id, "confirmed", 60)
    assert all(len(stub.resolves(incident_id)) == 1 for incident_id in alerts)
    # While the clock ran fast, a second of the gateway's was none of the stub's.
    assert_rate_kept([call for call in stub.calls() if call["at_ms"] > stub.resolves()[0]["at_ms"]])
    report(
        f"BigPanda away for an hour with {OWED} closes owed: {calls} calls, {hour.webhooks} "
        f"webhooks taken, the slowest in {hour.slowest * 1000:.0f} ms; never {pause + 1:.0f} s "
        f"without a try, the first close "
        f"{first_after:.0f} s after the return"
    )
    stub.process.kill()


def seconds_to_first_close(hour: Hour, stub: Stub) -> float:
    returned_at = hour.seconds
    while not stub.calls():
        hour.step()
        waited = hour.seconds - returned_at
        assert waited <= FIRST_CLOSE_SECONDS_MAX + SLACK_SECONDS, f"no call after {waited} s"
    # What is under way takes its own time.
    eventually(stub.resolves, "a first close")
    waited = hour.seconds - returned_at
    assert waited <= FIRST_CLOSE_SECONDS_MAX + SLACK_SECONDS, f"no close for {waited} s"
    return waited
