"""What each event does to an alert: the state carried decides, the event's name helps out."""

from typing import Any

from conftest import Connected
from gateway import Source
from payloads import EPOCH, bare_event, closed, event, incident, new, new_id
from waiting import eventually

# Event name, state carried, the status in which a first such event creates the alert.
FIRST = [
    ("incident#new", {"active": True}, "firing"),
    ("incident#new", {}, "firing"),
    ("incident#new", {"status": "critical"}, "firing"),
    ("incident#new", {"active": False}, "resolved"),
    ("incident#new", {"resolved": True}, "resolved"),
    ("incident#new", {"status": "ok"}, "resolved"),
    ("incident#new", {"status": "OK", "active": True}, "firing"),
    ("incident#closed", {}, "resolved"),
    ("incident#closed", {"active": False}, "resolved"),
    ("incident#closed", {"status": "critical"}, "resolved"),
    ("incident#closed", {"active": True}, "firing"),
    ("incident#resolved", {}, "resolved"),
    ("incident#reopen", {}, "firing"),
    ("incident#reopen", {"active": True}, "firing"),
    ("incident#reopened", {}, "firing"),
    ("incident#updated", {"active": True}, "firing"),
    ("incident#updated", {"active": False, "status": "critical"}, "resolved"),
    ("incident#updated", {"resolved": True, "active": True}, "resolved"),
    ("incident#snoozed", {"active": True}, "firing"),
    ("incident#commented", {}, "firing"),
    ("incident#become-flapping", {"active": True, "flapping": True}, "firing"),
    ("incident-tag#upserted", {"active": True}, "firing"),
    ("incident-tag#removed", {}, "firing"),
    ("incident#ticket-sync", {"active": True}, "firing"),
    ("manual", {"active": True}, "firing"),
    ("manual", {"active": False}, "resolved"),
    ("manual", {}, "firing"),
    ("default", {}, "firing"),
    ("incident#unheard-of", {"active": False}, "resolved"),
    ("incident#unheard-of", {}, "firing"),
    (None, {"active": True}, "firing"),
    (None, {"active": False}, "resolved"),
    (None, {"status": "acknowledged"}, "firing"),
    (None, {}, "firing"),
]

# The same for an alert that fires, with the outcome.
ON_FIRING = [
    ("incident#new", {}, "updated", "firing"),
    ("incident#updated", {"active": True}, "updated", "firing"),
    ("incident#updated", {"active": False}, "resolved", "resolved"),
    ("incident#updated", {"status": "ok"}, "resolved", "resolved"),
    ("incident#updated", {"status": "ok", "active": True}, "updated", "firing"),
    ("incident#closed", {}, "resolved", "resolved"),
    ("incident#closed", {"active": True}, "updated", "firing"),
    ("incident#resolved", {}, "resolved", "resolved"),
    ("incident#reopen", {}, "updated", "firing"),
    ("incident#snoozed", {}, "updated", "firing"),
    ("incident#commented", {}, "updated", "firing"),
    ("manual", {"active": False}, "resolved", "resolved"),
    ("incident#unheard-of", {"resolved": True}, "resolved", "resolved"),
    (None, {}, "updated", "firing"),
    (None, {"active": False}, "resolved", "resolved"),
]

# And for one that BigPanda resolved.
ON_RESOLVED = [
    ("incident#reopen", {}, "refired", "firing"),
    ("incident#reopen", {"active": True}, "refired", "firing"),
    ("incident#reopened", {}, "refired", "firing"),
    ("incident#new", {"active": True}, "refired", "firing"),
    ("incident#updated", {"active": True}, "refired", "firing"),
    ("incident#updated", {"active": False}, "updated", "resolved"),
    ("incident#closed", {}, "updated", "resolved"),
    ("incident#closed", {"active": True}, "refired", "firing"),
    ("incident#commented", {}, "updated", "resolved"),
    ("incident-tag#upserted", {}, "updated", "resolved"),
    ("manual", {"active": True}, "refired", "firing"),
    (None, {}, "updated", "resolved"),
    (None, {"active": True}, "refired", "firing"),
]


def later(name: str | None, incident_id: str, state: dict[str, Any]) -> dict[str, Any]:
    moment = EPOCH + 1000
    return bare_event(name, incident_id, changedOn=moment, updatedOn=moment, **state)


def test_a_first_event_creates_the_alert_in_the_status_it_describes(source: Source) -> None:
    wrong = []
    for name, state, status in FIRST:
        got = source.send(bare_event(name, new_id(), **state))
        if got != ("created", status):
            wrong.append((name, state, status, got))
    assert not wrong


def test_events_on_a_firing_alert(source: Source) -> None:
    wrong = []
    for name, state, outcome, status in ON_FIRING:
        incident_id = new_id()
        source.fire(new(incident_id, EPOCH))
        got = source.send(later(name, incident_id, state))
        if got != (outcome, status):
            wrong.append((name, state, outcome, got))
    assert not wrong


def test_events_on_a_resolved_alert(source: Source) -> None:
    wrong = []
    for name, state, outcome, status in ON_RESOLVED:
        incident_id = new_id()
        source.fire(new(incident_id, EPOCH))
        assert source.send(closed(incident_id, EPOCH + 10)) == ("resolved", "resolved")
        got = source.send(later(name, incident_id, state))
        if got != (outcome, status):
            wrong.append((name, state, outcome, got))
    assert not wrong


def test_an_update_changes_what_it_carries(source: Source) -> None:
    incident_id = new_id()
    alert_id = source.fire(new(incident_id, EPOCH))
    body = incident(incident_id, EPOCH + 5, status="warning", flapping=True, alerts=[])
    assert source.send(event("incident#updated", body)) == ("updated", "firing")
    alert = source.gateway.alert(alert_id)
    assert alert["bigpanda_status"].lower() == "warning"
    assert alert["severity"].lower() == "critical"
    assert alert["flapping"] is True


def test_a_bare_event_keeps_what_is_known(source: Source) -> None:
    incident_id = new_id()
    alert_id = source.fire(new(incident_id, EPOCH))
    before = source.gateway.alert(alert_id)
    assert source.send(bare_event("incident#commented", incident_id)) == ("updated", "firing")
    after = source.gateway.alert(alert_id)
    for field in ("title", "description", "severity", "environment_id", "tags", "fired_at"):
        assert after[field] == before[field], field


def test_all_events_of_an_incident_land_on_one_alert(source: Source) -> None:
    incident_id = new_id()
    answers = [
        source.deliver(new(incident_id, EPOCH)),
        source.deliver(closed(incident_id, EPOCH + 1)),
        source.deliver(bare_event("incident#reopen", incident_id, changedOn=EPOCH + 2)),
        source.deliver(closed(incident_id, EPOCH + 3)),
    ]
    assert len({answer["alert_id"] for answer in answers}) == 1
    assert len(source.gateway.items("/v1/alerts")) == 1
    outcomes = [answer["outcome"] for answer in answers]
    assert outcomes == ["created", "resolved", "refired", "resolved"]


def test_a_closed_event_that_says_active_is_read_back_at_once(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.close(incident_id, share=False)
    stub.forget_calls()
    contradiction = bare_event("incident#closed", incident_id, active=True, changedOn=EPOCH + 9)
    assert connected.source.send(contradiction) == ("updated", "firing")
    eventually(lambda: stub.reads(incident_id), "the incident was read", 5)
    alert = gateway.wait_for_status(alert_id, "resolved", 5)
    assert alert["resolved_by"]["kind"] == "reconcile"
    assert alert["close"] is None
