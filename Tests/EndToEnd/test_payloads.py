"""The shapes in which BigPanda's payload may come, and what is read from it."""

import json
from typing import Any

import pytest

from conftest import Connected
from gateway import Source
from payloads import EPOCH, alert, bare_event, event, incident, new, new_id
from stub import PRODUCTION, STAGING


def stored(source: Source, payload: Any) -> dict[str, Any]:
    """The alert that a first webhook made."""
    return source.gateway.alert(source.deliver(payload)["alert_id"])


def test_everything_in_the_payload_is_kept(source: Source) -> None:
    incident_id = new_id()
    record = stored(source, new(incident_id, flapping=True, alerts=[alert(), alert()]))
    assert record["incident_id"] == incident_id
    assert record["source_id"] == source.id
    assert "db-prod-1" in record["title"] and "cpu" in record["title"]
    assert record["description"] == "CPU above 95 % for 5 minutes"
    assert record["status"] == "firing"
    assert record["severity"].lower() == "critical"
    assert record["bigpanda_status"].lower() == "critical"
    assert record["environment_id"] == PRODUCTION
    assert record["flapping"] is True
    assert record["snoozed"] is False
    assert record["tags"]["cluster"] == "db-prod"
    assert record["alert_count"] == 2
    assert record["close"] is None and record["resolved_at"] is None
    for moment in ("created_at", "fired_at", "updated_at"):
        assert record[moment].endswith("Z") and "." in record[moment], record


def test_a_snoozed_incident_is_marked(source: Source) -> None:
    snooze = {"snoozed": True, "end_time": EPOCH + 9000, "autoCancel": True}
    record = stored(source, event("incident#snoozed", incident(new_id(), snooze=snooze)))
    assert record["snoozed"] is True and record["status"] == "firing"


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(lambda i: {"incident": {"id": i}}, id="nothing but an id"),
        pytest.param(lambda i: {"id": i}, id="bare, nothing but an id"),
        pytest.param(lambda i: {**incident(i), "event": "incident#new"}, id="bare with event"),
        pytest.param(lambda i: {"incident": incident(i), "note": [1, {}]}, id="unknown at the top"),
        pytest.param(lambda i: event(None, incident(i, zebra={"a": [None]})), id="unknown inside"),
        pytest.param(lambda i: event(None, incident(i, alerts=[])), id="no alerts"),
        pytest.param(lambda i: event(None, incident(i, alerts=[{"alertId": "a"}])), id="alert ids"),
        pytest.param(lambda i: event(None, incident(i, alerts=None)), id="alerts null"),
        pytest.param(lambda i: event(None, incident(i, snooze=None)), id="snooze null"),
        pytest.param(lambda i: event(None, incident(i, links={"self": "x"})), id="links an object"),
        pytest.param(lambda i: event(None, incident(i, incidentTags={"a": "b"})), id="tags a map"),
        pytest.param(
            lambda i: event(None, incident(i, alerts=[alert(tags={"host": "a"})])),
            id="alert tags a map",
        ),
        pytest.param(
            lambda i: event(None, incident(i, alerts=[alert(source_system=["nagios"])])),
            id="source system a list",
        ),
        pytest.param(lambda i: event(None, incident(i, environments=None)), id="no environment"),
        pytest.param(lambda i: event("incident#new", incident(i, status="Critical")), id="case"),
        pytest.param(lambda i: event("incident#new", incident(i, status="zebra")), id="odd status"),
        pytest.param(lambda i: event("incident#new", incident(i, flapping="yes")), id="odd type"),
        pytest.param(
            lambda i: event(None, incident(i, alerts=[alert(description="ö 漢 🐼 \0")])),
            id="beyond ASCII",
        ),
    ],
)
def test_a_first_event_in_any_shape_fires(source: Source, payload: Any) -> None:
    incident_id = new_id()
    record = stored(source, payload(incident_id))
    assert record["incident_id"] == incident_id
    assert record["status"] == "firing"
    assert isinstance(record["title"], str) and record["title"]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_each_method_is_taken(source: Source, method: str) -> None:
    answer = source.post(new(new_id()), method=method)
    assert answer.status == 200 and answer.json()["outcome"] == "created", answer


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/json;charset=UTF8",
        "Application/JSON",
    ],
)
def test_json_has_several_spellings(source: Source, media_type: str) -> None:
    answer = source.post(new(new_id()), headers={"Content-Type": media_type})
    assert answer.status == 200, answer


@pytest.mark.parametrize("key", ["event", "event_type", "eventType", "trigger", "u_bp_event_type"])
@pytest.mark.parametrize("form", ["string", "type", "name"])
def test_the_event_is_found_wherever_it_stands(source: Source, key: str, form: str) -> None:
    incident_id = new_id()
    source.fire(new(incident_id))
    name: Any = "incident#closed"
    if form != "string":
        name = {form: name}
    assert source.send({key: name, "incident": {"id": incident_id}}) == ("resolved", "resolved")


def test_the_event_is_found_beside_a_bare_incident(source: Source) -> None:
    incident_id = new_id()
    source.fire(new(incident_id))
    assert source.send({"id": incident_id, "event_type": "incident#closed"})[0] == "resolved"


@pytest.mark.parametrize(
    "spell",
    [
        pytest.param(lambda t: t, id="seconds"),
        pytest.param(str, id="seconds in a string"),
        pytest.param(lambda t: t * 1000, id="milliseconds"),
        pytest.param(lambda t: str(t * 1000), id="milliseconds in a string"),
    ],
)
@pytest.mark.parametrize("keys", [("changedOn", "updatedOn"), ("changed_on", "updated_on")])
def test_times_have_several_spellings(source: Source, spell: Any, keys: tuple[str, str]) -> None:
    """Seen through their effect: order."""
    incident_id = new_id()

    def at(moment: int, active: bool) -> dict[str, Any]:
        return bare_event(None, incident_id, active=active, **{k: spell(moment) for k in keys})

    source.fire(new(incident_id, EPOCH + 100))
    assert source.send(at(EPOCH + 99, False)) == ("ignored_stale", "firing")
    assert source.send(at(EPOCH + 101, False)) == ("resolved", "resolved")
    assert source.send(at(EPOCH + 100, True)) == ("ignored_stale", "resolved")


def test_snake_case_is_read_like_camel_case(source: Source) -> None:
    incident_id = new_id()
    body = incident(incident_id)
    for camel, snake in [
        ("startedOn", "started_on"),
        ("changedOn", "changed_on"),
        ("updatedOn", "updated_on"),
        ("endedOn", "ended_on"),
        ("incidentTags", "incident_tags"),
    ]:
        body[snake] = body.pop(camel)
    record = stored(source, event("incident#new", body))
    assert record["status"] == "firing" and record["tags"]["cluster"] == "db-prod"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"environments": [STAGING]}, id="ids"),
        pytest.param({"environments": [{"id": STAGING, "name": "Staging"}]}, id="objects"),
    ],
)
def test_the_environment_is_read_from_the_payload(source: Source, fields: dict[str, Any]) -> None:
    assert stored(source, new(new_id(), **fields))["environment_id"] == STAGING


@pytest.mark.parametrize("key", ["environment_id", "environmentId", "env_id"])
def test_the_environment_is_read_from_beside_the_incident(source: Source, key: str) -> None:
    body = incident(new_id())
    del body["environments"]
    assert stored(source, event(None, body) | {key: STAGING})["environment_id"] == STAGING


@pytest.mark.parametrize("incident_id", ["a", "ü" * 128, "x" * 256, "a/b?c=d&e", "1' OR '1'='1"])
def test_an_id_may_be_any_string_up_to_256_bytes(source: Source, incident_id: str) -> None:
    record = stored(source, new(incident_id))
    assert record["incident_id"] == incident_id
    assert source.send(event("incident#closed", {"id": incident_id}))[0] == "resolved"


def test_an_incident_of_300_alerts_is_taken(source: Source) -> None:
    record = stored(source, new(new_id(), alerts=[alert(description="x" * 2048)] * 300))
    assert record["alert_count"] == 300


def test_two_sources_have_an_alert_each_for_one_incident(connected: Connected) -> None:
    other = connected.gateway.create_source(connected.integration["id"], "Other")
    incident_id = new_id()
    first = connected.source.fire(new(incident_id))
    second = other.fire(new(incident_id))
    assert first != second
    assert other.send(event("incident#closed", {"id": incident_id})) == ("resolved", "resolved")
    assert connected.gateway.alert(first)["status"] == "firing"


def test_a_byte_order_of_keys_does_not_matter(source: Source) -> None:
    incident_id = new_id()
    body = json.dumps({"incident": dict(reversed(incident(incident_id).items()))})
    assert source.post(body.encode()).json()["outcome"] == "created"
