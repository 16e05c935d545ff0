"""Closes through kills and a BigPanda that fails in every way: each is made, and made once."""

import os
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gateway import Gateway
from lane import (
    Lane,
    assert_closed_once,
    assert_looked_before_repeating,
    at_once,
    confirmed,
    resolve_all,
)
from stub import Stub
from test_rate import assert_rate_kept
from waiting import eventually

# `make soak` raises them to 10,000 and 20.
RESOLVES = int(os.environ.get("GATEWAY_CLOSE_RESOLVES", "500"))
KILLS = int(os.environ.get("GATEWAY_CLOSE_KILLS", "3"))
SEED = int(os.environ.get("GATEWAY_CLOSE_SEED", "0")) or random.randrange(1, 1 << 31)
# Each may make five calls a second, so that many share the work.
LANES = 10
# Each close takes three or four calls, and unlucky ones wait out a long backoff.
PATIENCE_SECONDS = 150 + RESOLVES / LANES * 4

# How BigPanda answers, in thousandths.
MIX = [
    {"weight": 500, "kind": "ok"},
    {"weight": 75, "kind": "status", "status": 429, "retry_after": "1"},
    {"weight": 75, "kind": "status", "status": 429},
    {"weight": 100, "kind": "status", "status": 503},
    {"weight": 50, "kind": "status", "status": 500},
    {"weight": 100, "kind": "drop"},
    {"weight": 50, "kind": "apply_then_drop"},
    {"weight": 30, "kind": "delay", "delay_ms": 1500},
    {"weight": 10, "kind": "truncated"},
    {"weight": 10, "kind": "garbage"},
]


@pytest.fixture
def lanes(start_gateway: Callable[..., Gateway], start_stub: Callable[[], Stub]) -> list[Lane]:
    gateway = start_gateway()
    return [Lane(gateway, start_stub(), f"lane {index}") for index in range(LANES)]


def test_every_close_is_made_once(lanes: list[Lane], report: Callable[[str], None]) -> None:
    print(f"GATEWAY_CLOSE_SEED={SEED}")
    chance = random.Random(SEED)
    gateway = lanes[0].gateway
    at_once(lambda lane=lane: fire(lane, RESOLVES // LANES) for lane in lanes)
    for index, lane in enumerate(lanes):
        lane.stub.fault("any", "mix", times=0, seed=SEED + index, parts=MIX)
    began_at = time.monotonic()
    resolving = threading.Thread(
        target=at_once, args=([lambda lane=lane: resolve_all(lane) for lane in lanes],)
    )
    resolving.start()
    # Random moments: when so many are confirmed, some of them before all are resolved.
    for count in sorted(chance.randrange(RESOLVES * 9 // 10) for _ in range(KILLS)):
        wait_until_confirmed(gateway, count)
        gateway.kill_and_restart()
    resolving.join()
    wait_until_confirmed(gateway, RESOLVES)
    seconds = time.monotonic() - began_at
    calls = [call for lane in lanes for call in lane.stub.calls()]
    for lane in lanes:
        assert_closed_once(lane)
        assert_looked_before_repeating(lane.stub.calls())
        assert_rate_kept(lane.stub.calls())
    states = Counter(close["state"] for close in pages(gateway, "/v1/closes"))
    assert states == {"confirmed": RESOLVES}
    report(
        f"{RESOLVES} closes, {KILLS} kills: all confirmed, each made once, after {seconds:.0f} s "
        f"and {len(calls)} calls ({len(calls) / seconds / LANES:.1f} a second and integration)"
    )


def fire(lane: Lane, count: int) -> None:
    """Half of them tell of their end; that of the others has to be read."""
    for index in range(count):
        lane.fire_shared() if index % 2 else lane.fire_silent()


def wait_until_confirmed(gateway: Gateway, count: int) -> None:
    """Meanwhile an operator has tried at once what waits for long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    waiting: set[tuple[str, str]] = set()
    while confirmed(gateway) < count:
        assert time.monotonic() < deadline, waiting
        time.sleep(0.5)
        waiting = try_again(gateway, waiting)


def try_again(gateway: Gateway, before: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Tries what waited `before` already, and returns what waits now."""
    soon = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 4))
    waiting = {
        (f"/v1/closes/{close['id']}/retry", close["next_attempt_at"])
        for state in ("pending", "sent")
        for close in pages(gateway, f"/v1/closes?state={state}")
        if (close["next_attempt_at"] or "") > soon
    }
    text = gateway.api("GET", "/metrics").body.decode()
    # A key that is found good lets an integration's closes through again.
    held = re.findall(r'^bigpanda_gateway_closes_held{integration="(.+)"} 1$', text, re.MULTILINE)
    waiting |= {(f"/v1/integrations/{name}/check", "") for name in held}
    for path, _ in waiting & before:
        gateway.api("POST", path)
    return waiting


def pages(gateway: Gateway, path: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        joint = "&" if "?" in path else "?"
        page = gateway.get(f"{path}{joint}limit=500" + (f"&cursor={cursor}" if cursor else ""))
        yield from page["items"]
        cursor = page["next_cursor"]
