"""How long a close waits: minutes and hours, on clocks that the test moves."""

import time
from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path

import pytest

from conftest import Connected
from fake_clock import FakeClock
from gateway import Gateway
from payloads import EPOCH, new, new_id, updated
from stub import STAGING, Stub
from waiting import eventually

# The longest wait of a close, whatever BigPanda asks for.
WAIT_SECONDS_MAX = 300
STEP_SECONDS = 5
# While the clocks run fast, a call takes seconds of theirs.
SLACK_SECONDS = 60


@pytest.fixture
def clock(tmp_path: Path) -> FakeClock:
    return FakeClock(tmp_path / "clock")


@pytest.fixture
def connected(
    clock: FakeClock, start_gateway: Callable[..., Gateway], stub: Stub
) -> Connected:
    gateway = start_gateway(**clock.settings)
    # Its own clock is slow beside the gateway's.
    stub.settings(rate_per_second=0, apply_delay_ms=0)
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    integration = answer.json()
    return Connected(gateway, stub, integration, gateway.create_source(integration["id"]))


def owed(connected: Connected, **fields: object) -> tuple[str, str]:
    """An incident in the stub, without webhooks, and its firing alert."""
    incident_id = connected.stub.create(share=False, **fields)
    return incident_id, connected.source.fire(new(incident_id, EPOCH))


def pass_until(
    connected: Connected, clock: FakeClock, probe: Callable[[], object], seconds: int
) -> float:
    """Lets time pass until something is so, and returns how much; fails after `seconds`."""
    began_at = clock.passed
    incident_id = new_id()
    while not probe():
        passed = clock.passed - began_at
        assert passed <= seconds + SLACK_SECONDS, f"not within {seconds} s"
        clock.let_pass(STEP_SECONDS)
        # Wakes the gateway, which then does what is due before it answers the second.
        for half in range(2):
            connected.source.deliver(updated(incident_id, EPOCH + int(passed) + half))
    return clock.passed - began_at


def far_date() -> str:
    return formatdate(time.time() + 100 * 86_400, usegmt=True)


@pytest.mark.parametrize(
    "wait", ["999999", "99999999999999999999", pytest.param(far_date(), id="date")]
)
@pytest.mark.parametrize("status", [429, 503])
def test_no_wait_that_bigpanda_asks_for_is_longer_than_five_minutes(
    connected: Connected, clock: FakeClock, status: int, wait: str
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "status", status=status, retry_after=wait)
    gateway.resolve(alert_id)
    eventually(lambda: gateway.close_of(alert_id)["last_error"], "it was told to wait")
    waited = pass_until(
        connected, clock, lambda: len(stub.resolves(incident_id)) == 2, WAIT_SECONDS_MAX
    )
    assert waited >= WAIT_SECONDS_MAX - STEP_SECONDS, "it did not wait as long as it should"
    stub.wait_until_closed(incident_id)


@pytest.mark.parametrize("wait", ["soon", "-5", "1.5", ""])
def test_a_wait_that_cannot_be_read_is_none(connected: Connected, wait: str) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "status", status=429, retry_after=wait)
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id)


def test_waits_grow_to_five_minutes_and_never_end(
    connected: Connected, clock: FakeClock, report: Callable[[str], None]
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    # An answer, so that no breaker takes the place of the close's own waits.
    stub.fault("resolve", "status", status=429, times=0)
    gateway.resolve(alert_id)
    moments: list[float] = []
    for count in range(1, 21):
        pass_until(
            connected,
            clock,
            lambda count=count: len(stub.resolves(incident_id)) >= count,
            WAIT_SECONDS_MAX,
        )
        moments.append(clock.passed)
    close = gateway.close_of(alert_id)
    assert close["state"] in ("pending", "sending"), close
    # Drawn from nothing up to five minutes: eleven draws below one are no chance.
    waits = [later - earlier for earlier, later in zip(moments, moments[1:])]
    assert max(waits[9:]) > 60, f"it does not wait longer and longer: {waits}"
    stub.clear_faults()
    pass_until(connected, clock, lambda: not stub.is_active(incident_id), WAIT_SECONDS_MAX)
    report(f"20 tries of a close that is refused came over {moments[-1] / 60:.0f} minutes")


@pytest.mark.parametrize("forbidden", [False, True])
def test_a_paused_integration_is_checked_every_few_minutes(
    connected: Connected, clock: FakeClock, forbidden: bool
) -> None:
    gateway, stub = connected.gateway, connected.stub
    path = f"/v1/integrations/{connected.integration['id']}"
    incident_id, alert_id = owed(connected)
    stub.allow_keys(forbidden=(stub.key,) if forbidden else ())
    gateway.resolve(alert_id)
    eventually(lambda: gateway.get(path)["state"] != "connected", "it is paused")
    state = gateway.get(path)["state"]
    assert state == ("key_forbidden" if forbidden else "key_rejected")
    stub.forget_calls()
    pass_until(connected, clock, lambda: len(stub.calls()) >= 2, 800)
    assert {call["path"] for call in stub.calls()} == {"/resources/v2.0/environments"}
    assert gateway.get(path)["state"] == state
    stub.allow_keys(stub.key)
    pass_until(connected, clock, lambda: gateway.get(path)["state"] == "connected", 400)
    stub.wait_until_closed(incident_id)
    assert len(stub.resolves(incident_id)) == 1


def test_an_incident_that_is_elsewhere_is_searched_for_once(connected: Connected) -> None:
    """Its webhook names another environment; what the search found is remembered."""
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected, environment_id=STAGING)
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert [call["status"] for call in stub.resolves(incident_id)] == [404, 202]
    assert gateway.alert(alert_id)["environment_id"] == STAGING
    searches = [call for call in stub.calls() if call["path"].endswith("/environments")]
    # The first checked the key.
    assert len(searches) == 2


def test_a_resolve_after_a_failed_close_owes_a_new_one(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.delete(incident_id)
    first = gateway.resolve(alert_id)["close"]["id"]
    gateway.wait_for_close(alert_id, "failed", 30)
    stub.create(id=incident_id, share=False)
    second = gateway.resolve(alert_id)["close"]["id"]
    assert second != first
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert gateway.resolve(alert_id)["close"]["id"] == second
