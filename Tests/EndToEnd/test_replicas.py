"""Several gateways on one database: they keep one rate, and one takes over from another."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Connected, connect, on_postgres
from gateway import Gateway
from payloads import EPOCH, new
from stub import Stub
from test_rate import AT_ONCE_MAX, CALLS_MAX, assert_rate_kept, close_all, fire_many
from waiting import eventually, stays

pytestmark = on_postgres

# Promised: 95 % of five calls a second. The tests' machine is shared with other tests.
RATE_MIN = 0.95 * CALLS_MAX
TAKEOVER_SECONDS_MAX = 30.0


@pytest.fixture
def replicas(start_gateway: Callable[..., Gateway], stub: Stub) -> tuple[Connected, Gateway]:
    """Two gateways; the second is started when the integration is there, so that it knows it."""
    first = connect(start_gateway(), stub)
    # The stub's own limit would hide what is measured here.
    stub.settings(rate_per_second=0)
    return first, start_gateway()


def readings(gateway: Gateway) -> float:
    """How many times it has read incidents back."""
    text = gateway.api("GET", "/metrics").body.decode()
    lines = [line for line in text.splitlines() if line.startswith("bigpanda_gateway_readings")]
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines)


def test_two_replicas_keep_one_rate(replicas: tuple[Connected, Gateway]) -> None:
    """With key checks and a restart in between."""
    connected, second = replicas
    stub = connected.stub
    pairs = fire_many(connected, 40)
    stub.forget_calls()
    for number, (_, alert_id) in enumerate(pairs):
        (connected.gateway if number % 2 else second).resolve(alert_id)
    close_all(connected, pairs[:20], 60)
    check = f"/v1/integrations/{connected.integration['id']}/check"
    for gateway in (connected.gateway, second, connected.gateway):
        assert gateway.api("POST", check).json()["state"] == "connected"
    assert second.stop() == 0
    second.start_again()
    close_all(connected, pairs, 60)
    assert_rate_kept(stub.calls())
    assert sum(call["status"] == 202 for call in stub.resolves()) == len(pairs), "closed twice"
    at_once = max(call["in_flight"] for call in stub.calls())
    assert at_once <= AT_ONCE_MAX, f"{at_once} at once"


def test_a_backlog_of_both_uses_the_rate(
    replicas: tuple[Connected, Gateway], report: Callable[[str], None]
) -> None:
    connected, second = replicas
    connected.share()
    pairs = fire_many(connected, 40)
    connected.stub.forget_calls()
    for number, (_, alert_id) in enumerate(pairs):
        (connected.gateway if number % 2 else second).resolve(alert_id)
    close_all(connected, pairs, 60)
    moments = sorted(call["at_ms"] for call in connected.stub.calls())
    # From the fifth on, as the first cost nothing.
    rate = (len(moments) - CALLS_MAX) / (moments[-1] - moments[CALLS_MAX - 1]) * 1000
    report(f"two replicas with a backlog made {rate:.2f} calls a second")
    assert_rate_kept(connected.stub.calls())
    assert rate >= 0.95 * RATE_MIN, rate


def test_the_death_of_a_replica(
    replicas: tuple[Connected, Gateway], report: Callable[[str], None]
) -> None:
    """Its close under way is taken over, after a look; so is the upkeep that it did."""
    connected, second = replicas
    first, stub = connected.gateway, connected.stub
    ((incident_id, alert_id),) = fire_many(connected, 1)
    # Applied at once, and answered only when nobody listens any more.
    stub.fault("resolve", "delay", delay_ms=60_000)
    first.resolve(alert_id)
    eventually(lambda: stub.resolves(incident_id), "the close is under way")
    calls_before = len(stub.calls(incident_id))
    first.kill()
    died_at = stub.calls()[-1]["at_ms"]
    stays(
        lambda: len(stub.resolves(incident_id)) == 1,
        "the claim is the dead one's for as long as its call may last", 15,
    )
    eventually(
        lambda: len(stub.calls(incident_id)) > calls_before, "somebody looked", 30)
    taken_at = stub.calls(incident_id)[calls_before]
    assert taken_at["method"] == "GET", "closed again without a look"
    seconds = (taken_at["at_ms"] - died_at) / 1000
    report(f"a dead replica's close was taken over after {seconds:.1f} s")
    assert seconds <= TAKEOVER_SECONDS_MAX, seconds
    second.wait_for_close(alert_id, "confirmed", 30)
    assert "holds the lease now" in second.process.said()


def test_one_replica_reads_back(
    start_gateway: Callable[..., Gateway], stub: Stub
) -> None:
    often = {"GATEWAY_RECONCILE_SECONDS": "1"}
    connected = connect(start_gateway(**often), stub)
    second = start_gateway(**often)
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    eventually(lambda: readings(connected.gateway) >= 3, "three readings", 20)
    assert readings(second) == 0, "both read"
    # An orderly stop hands the lease over at once: within one try of the other.
    connected.gateway.stop()
    stub.close(incident_id, share=False)
    second.wait_for_status(alert_id, "resolved", 10)
    assert readings(second) > 0


def test_a_replica_that_hangs_holds_nothing_up(replicas: tuple[Connected, Gateway]) -> None:
    connected, second = replicas
    second.process.send(signal.SIGSTOP)
    try:
        pairs = fire_many(connected, 3)
        for _, alert_id in pairs:
            connected.gateway.resolve(alert_id)
        close_all(connected, pairs, 20)
    finally:
        second.process.send(signal.SIGCONT)
    eventually(lambda: second.api("GET", "/readyz").status == 200, "ready again", 10)
    for _, alert_id in pairs:
        second.wait_for_close(alert_id, "confirmed")
    assert len(connected.stub.resolves()) == len(pairs)
