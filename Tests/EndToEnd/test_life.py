"""The life of an incident, from BigPanda's first webhook to the close that BigPanda confirms."""

import pytest

from conftest import Connected, on_both_stores
from waiting import eventually, wait_for_second_after

pytestmark = on_both_stores

SHAPES = [
    pytest.param(times, naming, envelope, id=f"{times}-{naming}-{envelope}")
    for times in ("number", "string", "ms")
    for naming in ("camel", "snake")
    for envelope in ("wrapped", "bare")
]


@pytest.mark.parametrize(("times", "naming", "envelope"), SHAPES)
def test_an_incident_lives_through_in_every_shape(
    connected: Connected, times: str, naming: str, envelope: str
) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share(times=times, naming=naming, envelope=envelope)

    incident_id, alert_id = connected.shared_incident(title="Disk full on db-prod-7")
    alert = gateway.alert(alert_id)
    assert alert["incident_id"] == incident_id
    assert alert["source_id"] == connected.source.id
    assert alert["severity"].lower() == "critical"
    assert alert["resolved_at"] is None and alert["close"] is None

    stub.change(incident_id, status="warning")
    eventually(
        lambda: gateway.alert(alert_id)["bigpanda_status"].lower() == "warning",
        "the update arrived",
    )
    assert gateway.alert(alert_id)["status"] == "firing"

    stub.close(incident_id)
    alert = gateway.wait_for_status(alert_id, "resolved")
    assert alert["resolved_by"]["kind"] == "bigpanda"
    assert alert["resolved_at"] is not None
    assert alert["close"] is None, "an alert that BigPanda closed owes it no close"

    stub.reopen(incident_id)
    alert = gateway.wait_for_status(alert_id, "firing")
    assert alert["resolved_at"] is None

    alert = gateway.resolve(alert_id, "disk was extended")
    assert alert["resolved_by"]["kind"] == "user"
    assert alert["close"] is not None
    stub.wait_until_closed(incident_id)
    gateway.wait_for_close(alert_id, "confirmed")

    assert len(stub.resolves(incident_id)) == 1
    alert = gateway.alert(alert_id)
    assert alert["status"] == "resolved"
    assert alert["resolved_by"]["kind"] == "user", "the echo added a resolution of its own"
    assert len(gateway.items(f"/v1/alerts?incident_id={incident_id}")) == 1


def test_the_timeline_tells_the_life(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.close(incident_id)
    gateway.wait_for_status(alert_id, "resolved")
    stub.reopen(incident_id)
    gateway.wait_for_status(alert_id, "firing")
    gateway.resolve(alert_id, "done by hand")
    gateway.wait_for_close(alert_id, "confirmed")

    def told() -> bool:
        # The progress of the close may be told in between.
        timeline = gateway.alert(alert_id)["timeline"]
        changes = [entry for entry in timeline if not entry["outcome"].startswith("close")]
        entries = sorted(changes, key=lambda entry: entry["at"])
        assert [(entry["outcome"], entry["status"]) for entry in entries] == [
            ("created", "firing"),
            ("resolved", "resolved"),
            ("refired", "firing"),
            ("resolved", "resolved"),
            ("updated", "resolved"),
        ], entries
        kinds = [entry["cause"]["kind"] for entry in entries]
        assert kinds == ["bigpanda", "bigpanda", "bigpanda", "user", "bigpanda"], entries
        assert entries[3]["comment"] == "done by hand"
        return True

    eventually(told, "the timeline holds the whole life")


def test_each_answer_to_the_stub_is_2xx(connected: Connected) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.gateway.resolve(alert_id)
    connected.gateway.wait_for_close(alert_id, "confirmed")

    def answered() -> bool:
        deliveries = connected.stub.deliveries()
        events = {delivery["event"] for delivery in deliveries}
        assert {"incident#new", "incident#closed"} <= events, deliveries
        assert {delivery["status"] for delivery in deliveries} == {200}, deliveries
        return True

    eventually(answered, "every webhook was answered 200")


def test_a_doubled_webhook_is_a_duplicate(connected: Connected) -> None:
    connected.share()
    connected.stub.fault("webhook", "doubled")
    incident_id, alert_id = connected.shared_incident()
    eventually(lambda: len(connected.stub.deliveries()) == 2, "both copies went out")
    assert len(connected.gateway.items("/v1/alerts")) == 1
    assert connected.gateway.alert(alert_id)["status"] == "firing"


def test_a_webhook_that_overtakes_another_wins(connected: Connected) -> None:
    """The close overtakes an update: the update, when it comes, must not fire the alert again."""
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    first_second = stub.control("GET", f"incidents/{incident_id}")["changed_at"]
    stub.fault("webhook", "reordered")
    stub.change(incident_id, status="warning")

    wait_for_second_after(first_second + 1)
    stub.close(incident_id)
    gateway.wait_for_status(alert_id, "resolved")
    eventually(lambda: len(stub.deliveries()) >= 3, "the held back webhook went out")
    assert gateway.alert(alert_id)["status"] == "resolved"
