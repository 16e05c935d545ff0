"""What a close does when BigPanda fails, refuses, or leaves it in doubt."""

import time
from email.utils import formatdate

import pytest

from conftest import Connected
from payloads import EPOCH, new
from waiting import eventually, stays


def owed(connected: Connected, **fields: object) -> tuple[str, str]:
    """An incident in the stub, without webhooks, and its firing alert."""
    incident_id = connected.stub.create(share=False, **fields)
    return incident_id, connected.source.fire(new(incident_id, EPOCH))


def assert_looked_before_each_repeat(connected: Connected, incident_id: str) -> None:
    """Between two closes of one incident it was read."""
    was_read = True
    for call in connected.stub.calls(incident_id):
        if call["method"] == "GET":
            was_read = True
        elif call["path"].endswith("/resolve"):
            assert was_read, connected.stub.calls(incident_id)
            was_read = False


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failing_bigpanda_is_tried_again(connected: Connected, status: int) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "status", status=status, times=2)
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id, 60)
    gateway.wait_for_close(alert_id, "confirmed")
    assert [call["status"] for call in stub.resolves(incident_id)] == [status, status, 202]


def test_a_failing_close_says_so(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "status", status=503, times=0)
    close_id = gateway.resolve(alert_id)["close"]["id"]

    def is_told() -> bool:
        close = gateway.close_of(alert_id)
        assert close["attempts"] >= 2, close
        assert close["state"] in ("pending", "sending"), close
        assert isinstance(close["last_error"], str) and close["last_error"], close
        return close["state"] == "sending" or close["next_attempt_at"].endswith("Z")

    eventually(is_told, "attempts, error and next attempt", 30)
    (listed,) = gateway.items("/v1/closes")
    assert listed["id"] == close_id


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_obeyed(connected: Connected, form: str) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    wait = "3" if form == "seconds" else formatdate(time.time() + 4, usegmt=True)
    stub.fault("resolve", "status", status=429, retry_after=wait)
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id, 60)
    first, second = stub.resolves(incident_id)
    assert first["status"] == 429 and second["status"] == 202
    # A date has whole seconds only.
    assert second["at_ms"] - first["at_ms"] >= (2950 if form == "seconds" else 1950)


@pytest.mark.parametrize("kind", ["drop", "garbage"])
def test_a_call_in_doubt_is_followed_by_a_look(connected: Connected, kind: str) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", kind)
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id, 60)
    gateway.wait_for_close(alert_id, "confirmed", 60)
    assert_looked_before_each_repeat(connected, incident_id)
    if kind == "drop":
        # It was dropped before it was applied, so it had to be sent twice.
        assert len(stub.resolves(incident_id)) == 2


@pytest.mark.parametrize("echo", [True, False])
def test_a_close_that_was_applied_and_then_cut_off_is_not_repeated(
    connected: Connected, echo: bool
) -> None:
    gateway, stub = connected.gateway, connected.stub
    if echo:
        connected.share()
    # Applied at once: whoever looks sees it. Later, and a repeat after a look is allowed.
    stub.settings(echo=echo, apply_delay_ms=0)
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "apply_then_drop")
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id)
    gateway.wait_for_close(alert_id, "confirmed", 60)
    assert len(stub.resolves(incident_id)) == 1, stub.calls(incident_id)


def test_a_close_that_is_applied_late_is_looked_at_before_a_repeat(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.settings(echo=False, apply_delay_ms=1500)
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "apply_then_drop")
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "confirmed", 60)
    assert_looked_before_each_repeat(connected, incident_id)


def test_a_crash_in_the_middle_of_a_call_is_followed_by_a_look(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("resolve", "delay", delay_ms=2000)
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "sending")
    gateway.kill_and_restart()
    gateway.wait_for_close(alert_id, "confirmed", 60)
    assert not stub.is_active(incident_id)
    assert_looked_before_each_repeat(connected, incident_id)


def test_an_unreachable_bigpanda_is_waited_for(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.fault("any", "drop", times=0)
    gateway.resolve(alert_id)
    eventually(lambda: gateway.close_of(alert_id)["last_error"], "an error is told")
    stub.clear_faults()
    gateway.wait_for_close(alert_id, "confirmed", 60)


def test_an_unknown_incident_ends_the_close(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    stub.delete(incident_id)
    gateway.resolve(alert_id)
    close = gateway.wait_for_close(alert_id, "failed", 30)
    assert close["last_error"]
    asked = {call["path"].split("/")[4] for call in stub.calls(incident_id)}
    assert len(asked) == 2, f"not every environment was tried: {asked}"
    count = len(stub.calls(incident_id))
    stays(lambda: len(stub.calls(incident_id)) == count, "it has ended", 2)
    assert gateway.alert(alert_id)["status"] == "resolved"


PAUSES = [
    pytest.param((), "key_rejected", id="401"),
    pytest.param("all", "key_forbidden", id="403"),
]


def refuse_key(connected: Connected, forbidden: object) -> None:
    stub = connected.stub
    stub.allow_keys(forbidden=(stub.key,) if forbidden else ())


def integration_state(connected: Connected) -> str:
    return connected.gateway.get(f"/v1/integrations/{connected.integration['id']}")["state"]


@pytest.mark.parametrize(("forbidden", "state"), PAUSES)
def test_a_refused_key_pauses_and_a_new_one_resumes(
    connected: Connected, forbidden: object, state: str
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    refuse_key(connected, forbidden)
    gateway.resolve(alert_id)
    eventually(lambda: integration_state(connected) == state, f"the integration is {state}")
    assert gateway.close_of(alert_id)["state"] in ("pending", "sending")
    assert gateway.items("/v1/integrations")[0]["state"] == state

    # Nothing hammers a key that is refused, and the webhooks still come in.
    count = len(stub.calls())
    stays(lambda: len(stub.calls()) <= count + 1, "quiet while paused", 3)
    owed(connected)

    new_key = "BPU-" + "n3w" * 8
    gateway.secrets.add(new_key)
    stub.allow_keys(new_key)
    path = f"/v1/integrations/{connected.integration['id']}"
    answer = gateway.api("PATCH", path, {"api_key": new_key})
    assert answer.status == 200, answer
    assert integration_state(connected) == "connected"
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert not stub.is_active(incident_id)


@pytest.mark.parametrize(("forbidden", "state"), PAUSES)
def test_a_check_that_finds_the_key_good_resumes(
    connected: Connected, forbidden: object, state: str
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    refuse_key(connected, forbidden)
    gateway.resolve(alert_id)
    eventually(lambda: integration_state(connected) == state, f"the integration is {state}")
    check = f"/v1/integrations/{connected.integration['id']}/check"
    assert gateway.api("POST", check).json()["state"] == state
    stub.allow_keys(stub.key)
    answer = gateway.api("POST", check)
    assert answer.status == 200 and answer.json()["state"] == "connected", answer
    gateway.wait_for_close(alert_id, "confirmed", 30)


def test_a_pause_survives_a_restart(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id = owed(connected)
    refuse_key(connected, ())
    gateway.resolve(alert_id)
    eventually(lambda: integration_state(connected) == "key_rejected", "paused")
    gateway.kill_and_restart()
    assert integration_state(connected) == "key_rejected"
    assert gateway.close_of(alert_id)["state"] in ("pending", "sending")
    stub.allow_keys(stub.key)
    gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    gateway.wait_for_close(alert_id, "confirmed", 30)


def test_one_bad_incident_does_not_hold_up_the_others(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    gone, gone_alert = owed(connected)
    stub.delete(gone)
    fine, fine_alert = owed(connected)
    gateway.resolve(gone_alert)
    gateway.resolve(fine_alert)
    stub.wait_until_closed(fine)
    gateway.wait_for_close(gone_alert, "failed", 30)
