"""Thousands of closes owed: the rate that BigPanda allows is used, and never exceeded."""

import json
from collections.abc import Callable
from typing import Any

from conftest import Connected
from payloads import EPOCH, new
from storm import KeepAlive
from test_rate import CALLS_MAX
from waiting import eventually

OWED = 2000
WATCHED_SECONDS = 25
# Of those that are owed, BigPanda need know only what can be closed meanwhile.
KNOWN = CALLS_MAX * (WATCHED_SECONDS + 20)
# In the best stretch of this length: a machine that builds something beside it may be kept from
# everything for a moment, but a gate that is too narrow is so at any time.
STRETCH_SECONDS = 10
USED_MIN = 0.95
# The peer notes whole milliseconds.
SECOND_MS = 999


def owe_many(connected: Connected) -> None:
    for index in range(KNOWN):
        connected.stub.create(id=f"owed-{index:04}", share=False)
    gateway, source = connected.gateway, connected.source
    client, token = KeepAlive(gateway.address), gateway.token
    for index in range(OWED):
        payload = json.dumps(new(f"owed-{index:04}", EPOCH)).encode()
        status, answer = client.post(source.path, source.secret, payload)
        assert status == 200, answer
        path = f"/v1/alerts/{json.loads(answer)['alert_id']}/resolve"
        status, answer = client.post(path, token, b"{}")
        assert status == 200, answer
    client.close()


def most_used(moments: list[int]) -> float:
    """The part of the allowed calls that was made in the best stretch."""
    stretch = STRETCH_SECONDS * 1000
    best = max(
        sum(start <= moment < start + stretch for moment in moments)
        for start in moments
        if start + stretch <= moments[-1]
    )
    return best / (CALLS_MAX * STRETCH_SECONDS)


def test_a_backlog_uses_the_rate_and_keeps_to_it(
    connected: Connected, report: Callable[[str], None]
) -> None:
    stub = connected.stub
    owe_many(connected)
    # The stub's own limit is on from here: five calls in any second for a route and key.
    stub.settings(rate_per_second=CALLS_MAX)
    stub.forget_calls()

    def watched() -> list[dict[str, Any]] | None:
        calls = stub.calls()
        is_over = calls and calls[-1]["at_ms"] - calls[0]["at_ms"] >= WATCHED_SECONDS * 1000
        return calls if is_over else None

    calls = eventually(watched, f"{WATCHED_SECONDS} s of calls", WATCHED_SECONDS + 15)
    assert not [call for call in calls if call["status"] == 429], "BigPanda had to slow it down"
    moments = sorted(call["at_ms"] for call in calls)
    for first, later in zip(moments, moments[CALLS_MAX:]):
        assert later - first >= SECOND_MS, f"six calls within {later - first} ms: {moments}"
    seconds = (moments[-1] - moments[0]) / 1000
    overall = (len(moments) - 1) / (CALLS_MAX * seconds)
    best = most_used(moments)
    report(
        f"{OWED} closes owed: {overall:.1%} of {CALLS_MAX} calls a second used over "
        f"{seconds:.0f} s, {best:.1%} over the best {STRETCH_SECONDS} s"
    )
    assert best >= USED_MIN
