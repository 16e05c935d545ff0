"""A close is confirmed when BigPanda says so, and not before."""

import pytest

from conftest import Connected
from payloads import EPOCH, new
from waiting import eventually, stays


def test_reading_the_incident_back_confirms(connected: Connected) -> None:
    """No webhook tells of the close; only the read does."""
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id)
    gateway.wait_for_close(alert_id, "confirmed", 60)
    resolve = stub.resolves(incident_id)[0]
    assert any(read["at_ms"] > resolve["at_ms"] for read in stub.reads(incident_id))
    assert len(stub.resolves(incident_id)) == 1
    shown = "BigPanda shows the incident closed."
    eventually(lambda: shown in gateway.process.said(), "it is logged")


def test_an_accepted_request_is_not_a_closed_incident(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    stub.settings(apply_delay_ms=2500)
    incident_id, alert_id = connected.shared_incident()
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "sent")
    assert gateway.alert(alert_id)["status"] == "resolved"

    def not_confirmed_while_active() -> bool:
        # The close is read first: BigPanda may carry it out between the two reads.
        state = gateway.close_of(alert_id)["state"]
        return state == "sent" or not stub.is_active(incident_id)

    stays(not_confirmed_while_active, "confirmed only once inactive", 1.5)
    gateway.wait_for_close(alert_id, "confirmed")


@pytest.mark.slow
def test_a_close_that_bigpanda_forgot_is_sent_again_after_60_seconds(
    connected: Connected,
) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "ignore")
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "sent")
    first = stub.resolves(incident_id)[0]
    eventually(lambda: len(stub.resolves(incident_id)) == 2, "the second call", 90)
    second = stub.resolves(incident_id)[1]
    assert second["at_ms"] - first["at_ms"] >= 59_000
    reads = [read["at_ms"] for read in stub.reads(incident_id)]
    assert any(first["at_ms"] < at < second["at_ms"] for at in reads), "not read before"
    gateway.wait_for_close(alert_id, "confirmed")
    assert len(stub.resolves(incident_id)) == 2
    told = [entry.get("comment") or "" for entry in gateway.alert(alert_id)["timeline"]]
    assert any("did not carry it out" in comment for comment in told), told


def test_the_confirmation_survives_a_restart(connected: Connected) -> None:
    gateway = connected.gateway
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "confirmed")
    gateway.kill_and_restart()
    assert gateway.close_of(alert_id)["state"] == "confirmed"
    stays(lambda: len(connected.stub.resolves(incident_id)) == 1, "one call", 1)
