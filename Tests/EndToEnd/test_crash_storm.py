"""kill -9 at random under a storm: nothing that was acknowledged is lost, the file stays whole."""

import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

from conftest import Connected
from events_storm import encoded
from flood import Flood, webhook_request
from kept import assert_kept, assert_whole, copied, seconds_to_ready
from payloads import EPOCH, new
from storm import Promises, Storm
from waiting import eventually

# `make soak` raises it to 1,000.
ROUNDS = int(os.environ.get("GATEWAY_CRASH_ROUNDS", "50"))
# The figure to reach is 1 s; a machine that builds something beside it may take longer.
READY_SECONDS_MAX = 5.0
ALERTS = 100_000
KILLS_WITH_MANY = 5


def test_no_kill_loses_what_was_acknowledged(
    connected: Connected, tmp_path: Path, report: Callable[[str], None]
) -> None:
    gateway = connected.gateway
    database = gateway.data / "gateway.db"
    everything = Promises()
    ready_after: list[float] = []
    for round in range(ROUNDS):
        promises = storm_until_killed(connected)
        assert not promises.odd, promises.odd[:3]
        with copied(database, tmp_path / "copy") as copy:
            # A read-only look at the whole file; the gateway finds its own as the kill left it.
            assert_whole(copy, f"kill {round}")
            assert_kept(copy, promises)
        ready_after.append(seconds_to_ready(gateway))
        everything.add(promises)
    gateway.kill()
    with copied(database, tmp_path / "copy") as copy:
        assert_kept(copy, everything)
        alerts = count_alerts(copy)
    gateway.start_again()
    ready_after.sort()
    report(
        f"{ROUNDS} kills, {alerts} alerts in the end: {len(everything.fired)} creations, "
        f"{len(everything.closed)} closes, {len(everything.resolved)} resolves acknowledged, "
        f"0 lost; ready after {ready_after[len(ready_after) // 2] * 1000:.0f} ms (median), "
        f"{ready_after[-1] * 1000:.0f} ms (longest)"
    )
    assert ready_after[-1] < READY_SECONDS_MAX, ready_after


def test_ready_soon_with_many_alerts(
    connected: Connected, tmp_path: Path, report: Callable[[str], None]
) -> None:
    """What a start has to do does not grow with what is stored."""
    gateway, source = connected.gateway, connected.source
    with Flood(gateway.address, 64) as flood:
        payload = encoded(new("i" * 24, EPOCH))
        requests = (
            (number, webhook_request(source, payload.replace(b"i" * 24, b"%024x" % number, 1)))
            for number in range(ALERTS)
        )
        for answer in flood.exchange(requests):
            assert answer.status == 200, answer
    ready_after: list[float] = []
    for _ in range(KILLS_WITH_MANY):
        promises = storm_until_killed(connected)
        with copied(gateway.data / "gateway.db", tmp_path / "copy") as copy:
            assert_kept(copy, promises)
            alerts = count_alerts(copy)
        assert alerts >= ALERTS, f"{ALERTS - alerts} of {ALERTS} alerts lost"
        ready_after.append(seconds_to_ready(gateway))
    ready_after.sort()
    report(
        f"{alerts} alerts, {KILLS_WITH_MANY} kills: ready after {ready_after[0] * 1000:.0f} to "
        f"{ready_after[-1] * 1000:.0f} ms"
    )
    assert ready_after[-1] < READY_SECONDS_MAX, ready_after


def storm_until_killed(connected: Connected) -> Promises:
    """What was acknowledged before a kill that comes at a random moment of a storm."""
    gateway = connected.gateway
    storm = Storm(gateway, connected.source)
    eventually(lambda: storm.promises.count > 0, "something acknowledged", 30)
    # A guess on purpose: the kill is to hit anything at all.
    time.sleep(random.random() * 0.15)
    gateway.kill()
    return storm.stop()


def count_alerts(copy: sqlite3.Connection) -> int:
    return copy.execute("SELECT count(*) FROM alerts").fetchone()[0]
