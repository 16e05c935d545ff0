"""The resolve here against the webhooks that were under way: echo, race and re-open."""

import time

from conftest import Connected
from payloads import bare_event, closed, event, incident, new, reopened, updated
from waiting import eventually, stays, wait_for_second_after


def resolved_but_open(connected: Connected) -> tuple[str, str, int]:
    """An alert resolved here whose close BigPanda took and never carried out.

    Returns the incident's and the alert's id and the second of the resolve.
    """
    connected.stub.fault("resolve", "ignore", times=0)
    incident_id = connected.stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, int(time.time()) - 100))
    connected.gateway.resolve(alert_id)
    second = int(time.time())
    connected.gateway.wait_for_close(alert_id, "sent")
    return incident_id, alert_id, second


def test_a_webhook_from_before_the_resolve_does_not_refire(connected: Connected) -> None:
    incident_id, alert_id, second = resolved_but_open(connected)
    late = updated(incident_id, second - 50, status="warning")
    assert connected.source.send(late) == ("updated", "resolved")
    alert = connected.gateway.alert(alert_id)
    assert alert["bigpanda_status"].lower() == "warning", "the update itself is kept"
    assert alert["resolved_by"]["kind"] == "user"
    assert alert["close"]["state"] == "sent"


def test_a_webhook_from_the_second_of_the_resolve_does_not_refire(connected: Connected) -> None:
    connected.stub.fault("resolve", "ignore", times=0)
    incident_id = connected.stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, int(time.time()) - 100))
    before = int(time.time())
    connected.gateway.resolve(alert_id)
    assert connected.source.send(updated(incident_id, before)) == ("updated", "resolved")


def test_a_timeless_webhook_does_not_refire_before_the_confirmation(connected: Connected) -> None:
    incident_id, alert_id, _ = resolved_but_open(connected)
    timeless = bare_event("incident#updated", incident_id, active=True)
    assert connected.source.send(timeless) == ("updated", "resolved")


def test_a_timeless_webhook_refires_after_the_confirmation(connected: Connected) -> None:
    incident_id, alert_id, second = resolved_but_open(connected)
    connected.source.send(closed(incident_id, second))
    connected.gateway.wait_for_close(alert_id, "confirmed")
    timeless = bare_event("incident#reopen", incident_id, active=True)
    assert connected.source.send(timeless) == ("refired", "firing")


def test_the_echo_confirms_and_resolves_nothing(connected: Connected) -> None:
    gateway = connected.gateway
    incident_id, alert_id, second = resolved_but_open(connected)
    before = gateway.alert(alert_id)
    assert connected.source.send(closed(incident_id, second + 1)) == ("updated", "resolved")
    after = gateway.wait_for_close(alert_id, "confirmed") and gateway.alert(alert_id)
    assert after["resolved_at"] == before["resolved_at"]
    assert after["resolved_by"] == before["resolved_by"]
    assert len(gateway.items("/v1/closes")) == 1
    assert len(connected.stub.resolves(incident_id)) == 1


def test_a_stale_closed_event_confirms_nothing(connected: Connected) -> None:
    incident_id, alert_id, second = resolved_but_open(connected)
    assert connected.source.send(updated(incident_id, second - 10)) == ("updated", "resolved")
    stale = closed(incident_id, second - 20)
    assert connected.source.send(stale) == ("ignored_stale", "resolved")
    stays(
        lambda: connected.gateway.close_of(alert_id)["state"] == "sent", "the close is sent only", 1
    )


def test_a_reopen_after_the_resolve_fires_and_cancels(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.fault("resolve", "status", status=503, times=0)
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, int(time.time()) - 100))
    gateway.resolve(alert_id)
    resolved_at = time.time()
    eventually(lambda: stub.resolves(incident_id), "a first try")
    reopen = reopened(incident_id, wait_for_second_after(resolved_at))
    assert connected.source.send(reopen) == ("refired", "firing")
    alert = gateway.alert(alert_id)
    assert alert["status"] == "firing" and alert["resolved_at"] is None
    closes = gateway.items("/v1/closes")
    eventually(
        lambda: [close["state"] for close in gateway.items("/v1/closes")] == ["cancelled"],
        f"the close is cancelled, after {closes}",
    )
    stub.clear_faults()
    count = len(stub.resolves(incident_id))
    stays(lambda: len(stub.resolves(incident_id)) == count, "no further call", 3)
    assert stub.is_active(incident_id)


def test_an_active_update_after_the_resolve_is_a_reopen_too(connected: Connected) -> None:
    incident_id, alert_id, second = resolved_but_open(connected)
    later = updated(incident_id, wait_for_second_after(second + 1))
    assert connected.source.send(later) == ("refired", "firing")


def test_a_refired_alert_can_be_resolved_again(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    first = gateway.resolve(alert_id)["close"]
    gateway.wait_for_close(alert_id, "confirmed")
    wait_for_second_after(time.time())
    stub.reopen(incident_id)
    gateway.wait_for_status(alert_id, "firing")
    second = gateway.resolve(alert_id)["close"]
    assert second["id"] != first["id"]
    stub.wait_until_closed(incident_id)
    gateway.wait_for_close(alert_id, "confirmed")
    assert len(stub.resolves(incident_id)) == 2


def test_a_close_in_flight_that_bigpanda_carries_out_resolves_again(connected: Connected) -> None:
    """The re-open came while the call was under way; BigPanda closes all the same."""
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "delay", delay_ms=3500)
    gateway.resolve(alert_id)
    resolved_at = time.time()
    gateway.wait_for_close(alert_id, "sending")
    moment = wait_for_second_after(resolved_at)
    assert connected.source.send(reopened(incident_id, moment)) == ("refired", "firing")
    stub.wait_until_closed(incident_id)
    alert = gateway.wait_for_status(alert_id, "resolved")
    assert alert["resolved_by"]["kind"] == "bigpanda"
    assert len(stub.resolves(incident_id)) == 1


def test_an_update_without_state_keeps_a_resolve(connected: Connected) -> None:
    incident_id, alert_id, second = resolved_but_open(connected)
    body = incident(incident_id, second + 1)
    for member in ("active", "resolved", "status", "endedOn"):
        del body[member]
    comment = event("incident#commented", body)
    assert connected.source.send(comment) == ("updated", "resolved")
