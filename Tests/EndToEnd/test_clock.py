"""The wall clock is set by an hour, ahead and back, while everything goes on."""

import time
from collections.abc import Callable, Iterator

import pytest

from conftest import Connected
from fake_clock import FakeClock
from gateway import Gateway
from payloads import EPOCH, closed, new, new_id, reopened, updated
from stub import Stub
from test_rate import assert_rate_kept
from waiting import eventually, stays

HOUR = 3600
# Longer than a close may wait in the test, shorter than an hour by far.
SECONDS_MAX = 40


@pytest.fixture
def clock(tmp_path) -> FakeClock:
    return FakeClock(tmp_path / "clock")


@pytest.fixture
def connected(
    clock: FakeClock, start_gateway: Callable[..., Gateway], stub: Stub
) -> Iterator[Connected]:
    gateway = start_gateway(**clock.settings)
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    integration = answer.json()
    yield Connected(gateway, stub, integration, gateway.create_source(integration["id"]))
    assert '"level":"error"' not in gateway.process.said()


def owed(connected: Connected) -> tuple[str, str]:
    """An incident in the stub, without webhooks, and its firing alert."""
    incident_id = connected.stub.create(share=False)
    return incident_id, connected.source.fire(new(incident_id, EPOCH))


def told_to_wait(connected: Connected, seconds: int) -> tuple[str, str]:
    """The same with a close that BigPanda has put off."""
    incident_id, alert_id = owed(connected)
    connected.stub.fault("resolve", "status", status=429, retry_after=str(seconds))
    connected.gateway.resolve(alert_id)
    eventually(lambda: connected.gateway.close_of(alert_id)["last_error"], "it was told to wait")
    return incident_id, alert_id


def close_another(connected: Connected) -> None:
    """Work that comes in lets the gateway look at the clock."""
    _, alert_id = owed(connected)
    connected.gateway.resolve(alert_id)


def test_a_clock_set_back_holds_up_no_close(connected: Connected, clock: FakeClock) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = told_to_wait(connected, 120)
    clock.set_wall(-HOUR)
    close_another(connected)
    stub.wait_until_closed(incident_id, SECONDS_MAX)
    gateway.wait_for_close(alert_id, "confirmed", SECONDS_MAX)
    assert len(stub.resolves(incident_id)) == 2


def test_a_clock_set_back_during_a_restart_holds_up_no_close(
    connected: Connected, clock: FakeClock
) -> None:
    gateway, stub = connected.gateway, connected.stub
    waiting, waiting_alert = told_to_wait(connected, 120)
    under_way, under_way_alert = owed(connected)
    stub.fault("resolve", "delay", delay_ms=2000)
    gateway.resolve(under_way_alert)
    gateway.wait_for_close(under_way_alert, "sending")
    gateway.kill()
    clock.set_wall(-HOUR)
    gateway.start_again()
    for incident_id, alert_id in [(waiting, waiting_alert), (under_way, under_way_alert)]:
        gateway.wait_for_close(alert_id, "confirmed", SECONDS_MAX)
        assert not stub.is_active(incident_id)


def test_a_sent_close_is_looked_at_seldom_and_sent_again_after_60_seconds(
    connected: Connected, clock: FakeClock
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "ignore")
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "sent")
    clock.set_wall(-HOUR)
    close_another(connected)
    eventually(lambda: stub.reads(incident_id), "it is looked at")
    stays(lambda: len(stub.reads(incident_id)) <= 3, "no storm of looks", 6)
    assert len(stub.resolves(incident_id)) == 1
    clock.let_pass(60)
    close_another(connected)
    gateway.wait_for_close(alert_id, "confirmed", SECONDS_MAX)
    assert len(stub.resolves(incident_id)) == 2


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_setting_the_clock_makes_no_storm(
    connected: Connected, clock: FakeClock, step: int
) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.settings(rate_per_second=0)
    for _ in range(40):
        owed(connected)
    put_off = [told_to_wait(connected, 200) for _ in range(4)]
    stub.forget_calls()
    clock.set_wall(step)
    close_another(connected)
    for incident_id, _ in put_off:
        stub.wait_until_closed(incident_id, SECONDS_MAX)
    # Two calls for each close; the 40 that fire are read from a list, by a call or two.
    eventually(lambda: any(call["query"] for call in stub.calls()), "a list is read", SECONDS_MAX)
    stays(lambda: len(stub.calls()) <= 2 * (len(put_off) + 1) + 6, "few calls", 5)
    assert_rate_kept(stub.calls())


def test_webhooks_are_put_in_order_by_bigpandas_times(
    connected: Connected, clock: FakeClock
) -> None:
    source, gateway = connected.source, connected.gateway
    for first, second in [(0, HOUR), (0, -HOUR), (-HOUR, HOUR), (HOUR, -HOUR)]:
        incident_id = new_id()
        clock.set_wall(first)
        assert source.send(new(incident_id, EPOCH)) == ("created", "firing")
        clock.set_wall(second)
        assert source.send(closed(incident_id, EPOCH + 2)) == ("resolved", "resolved")
        assert source.send(updated(incident_id, EPOCH + 1)) == ("ignored_stale", "resolved")
        clock.set_wall(first)
        assert source.send(reopened(incident_id, EPOCH + 3)) == ("refired", "firing")
        (newest, *_) = gateway.items("/v1/alerts")
        assert newest["incident_id"] == incident_id, "not the newest change"
        outcomes = [entry["outcome"] for entry in gateway.alert(newest["id"])["timeline"]]
        assert outcomes == ["created", "resolved", "ignored_stale", "refired"]


def test_an_old_secret_works_for_as_long_as_the_wall_clock_says(
    connected: Connected, clock: FakeClock
) -> None:
    gateway, source = connected.gateway, connected.source
    answer = gateway.api(
        "POST", f"/v1/sources/{source.id}/rotate-secret", {"overlap_seconds": HOUR + 60}
    )
    assert answer.status == 200, answer
    gateway.secrets.add(answer.json()["secret"])

    def status(seconds: int, secret: str) -> int:
        clock.set_wall(seconds)
        return source.post(updated("an-incident", EPOCH), token=secret).status

    for seconds, expected in [(0, 200), (HOUR, 200), (-HOUR, 200), (HOUR + 61, 401), (0, 200)]:
        assert status(seconds, source.secret) == expected, f"the clock off by {seconds} s"
        assert status(seconds, answer.json()["secret"]) == 200


def test_readings_go_on(
    clock: FakeClock, start_gateway: Callable[..., Gateway], stub: Stub
) -> None:
    gateway = start_gateway(GATEWAY_RECONCILE_SECONDS="2", **clock.settings)
    integration = gateway.connect(stub).json()
    source = gateway.create_source(integration["id"])
    for step in [HOUR, 0, -HOUR, 0]:
        incident_id = stub.create(share=False)
        alert_id = source.fire(new(incident_id, EPOCH))
        eventually(lambda: stub.reads(incident_id), "a first reading")
        clock.set_wall(step)
        stub.close(incident_id, share=False)
        alert = gateway.wait_for_status(alert_id, "resolved", SECONDS_MAX)
        assert alert["resolved_by"]["kind"] == "reconcile"


def test_requests_are_answered_while_the_clock_jumps(
    connected: Connected, clock: FakeClock
) -> None:
    """Deadlines of connections and of the store are no matter of the wall clock."""
    ends_at = time.monotonic() + 3
    count = 0
    while time.monotonic() < ends_at:
        clock.set_wall([HOUR, -HOUR, 0][count % 3])
        assert connected.source.send(new(new_id(), EPOCH)) == ("created", "firing")
        assert connected.gateway.api("GET", "/readyz").status == 200
        count += 1
    assert count > 10
