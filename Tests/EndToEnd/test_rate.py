"""BigPanda is never asked more than five times a second, nor more than four times at once."""

from typing import Any

from conftest import Connected
from payloads import EPOCH, new
from waiting import eventually

CALLS_MAX = 5
AT_ONCE_MAX = 4
# The promise is about a second as the gateway sees it; calls leave it and arrive here with a delay
# that varies by this much on a busy machine.
WINDOW_MS = 950
RESOLVES = 30


def fire_many(connected: Connected, count: int) -> list[tuple[str, str]]:
    pairs = []
    for _ in range(count):
        incident_id = connected.stub.create(share=False)
        pairs.append((incident_id, connected.source.fire(new(incident_id, EPOCH))))
    return pairs


def assert_rate_kept(calls: list[dict[str, Any]]) -> None:
    moments = sorted(call["at_ms"] for call in calls)
    for first, later in zip(moments, moments[CALLS_MAX:]):
        assert later - first >= WINDOW_MS, f"six calls within {later - first:g} ms: {moments}"


def close_all(connected: Connected, pairs: list[tuple[str, str]], seconds: float) -> None:
    def all_closed() -> bool:
        return not any(connected.stub.is_active(incident_id) for incident_id, _ in pairs)

    eventually(all_closed, f"all {len(pairs)} incidents are closed", seconds)


def test_thirty_resolves_with_a_restart_and_key_checks_in_between(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    # The stub's own limit would hide what is measured here.
    stub.settings(rate_per_second=0)
    pairs = fire_many(connected, RESOLVES)
    for _, alert_id in pairs:
        gateway.resolve(alert_id)
    eventually(lambda: len(stub.resolves()) >= 8, "a few calls before the crash")
    gateway.kill_and_restart()
    check = f"/v1/integrations/{connected.integration['id']}/check"
    for _ in range(4):
        assert gateway.api("POST", check).json()["state"] == "connected"
    close_all(connected, pairs, 60)
    for _, alert_id in pairs:
        gateway.wait_for_close(alert_id, "confirmed", 60)
    assert_rate_kept(stub.calls())
    assert sum(call["status"] == 202 for call in stub.resolves()) == RESOLVES


def test_a_slow_bigpanda_is_asked_four_times_at_once(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.settings(rate_per_second=0)
    pairs = fire_many(connected, 12)
    stub.fault("any", "delay", delay_ms=1500, times=0)
    for _, alert_id in pairs:
        gateway.resolve(alert_id)
    close_all(connected, pairs, 60)
    at_once = max(call["in_flight"] for call in stub.calls())
    assert at_once <= AT_ONCE_MAX, f"{at_once} at once"
    assert at_once > 1, "one at a time is too careful"
    assert_rate_kept(stub.calls())


def test_a_backlog_uses_the_rate(connected: Connected, report: Any) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    stub.settings(rate_per_second=0)
    pairs = fire_many(connected, 20)
    for _, alert_id in pairs:
        gateway.resolve(alert_id)
    close_all(connected, pairs, 30)
    moments = [call["at_ms"] for call in stub.resolves()]
    seconds = (moments[-1] - moments[0]) / 1000
    report(f"20 closes took {seconds:.1f} s at up to {CALLS_MAX} calls a second")
    # The first five at once, then five a second; twice that is a worker that waits for nothing.
    assert seconds <= 8, f"20 closes took {seconds:.1f} s"
