"""Which event counts when several come late, early, twice or without a time."""

import json
from typing import Any

import pytest

from gateway import Source
from payloads import EPOCH, bare_event, closed, new, new_id, updated

# changedOn and updatedOn (seconds after EPOCH, or missing), whether the incident is active,
# the outcome and the status afterwards.
Step = tuple[int | None, int | None, bool, str, str]

HISTORIES: dict[str, list[Step]] = {
    "what is older changes nothing": [
        (100, 100, True, "created", "firing"),
        (99, 100, False, "ignored_stale", "firing"),
        (101, 101, False, "resolved", "resolved"),
        (100, 102, True, "ignored_stale", "resolved"),
    ],
    "changedOn comes before updatedOn": [
        (100, 100, True, "created", "firing"),
        (101, 90, False, "resolved", "resolved"),
    ],
    "updatedOn decides when changedOn is equal": [
        (100, 105, True, "created", "firing"),
        (100, 104, False, "ignored_stale", "firing"),
        (100, 106, False, "resolved", "resolved"),
    ],
    "another status at an equal time is applied": [
        (100, 100, True, "created", "firing"),
        (100, 100, False, "resolved", "resolved"),
        (100, 100, True, "refired", "firing"),
    ],
    "the same status at an equal time is an update": [
        (100, 100, True, "created", "firing"),
        (100, 100, True, "updated", "firing"),
    ],
    "a member that the event lacks is skipped": [
        (100, 105, True, "created", "firing"),
        (None, 104, False, "ignored_stale", "firing"),
        (None, 106, False, "resolved", "resolved"),
    ],
    "a member that the alert lacks is skipped": [
        (None, 105, True, "created", "firing"),
        (90, 104, False, "ignored_stale", "firing"),
        (90, 106, False, "resolved", "resolved"),
    ],
    "without a time, arrival decides and the newest time stays": [
        (100, 100, True, "created", "firing"),
        (None, None, False, "resolved", "resolved"),
        (99, 99, True, "ignored_stale", "resolved"),
        (101, 101, True, "refired", "firing"),
    ],
    "without any time at all, arrival decides": [
        (None, None, True, "created", "firing"),
        (None, None, False, "resolved", "resolved"),
        (None, None, True, "refired", "firing"),
    ],
    "a first event that is closed can be overtaken by nothing older": [
        (100, 100, False, "created", "resolved"),
        (50, 50, True, "ignored_stale", "resolved"),
    ],
}


def step_payload(incident_id: str, number: int, step: Step) -> dict[str, Any]:
    changed, refreshed, active, _, _ = step
    # The number makes each payload's bytes its own, so that no step is a repeat of another.
    state: dict[str, Any] = {"active": active, "step": number}
    if changed is not None:
        state["changedOn"] = EPOCH + changed
    if refreshed is not None:
        state["updatedOn"] = EPOCH + refreshed
    return bare_event(None, incident_id, **state)


@pytest.mark.parametrize("name", HISTORIES)
def test_history(source: Source, name: str) -> None:
    incident_id = new_id()
    history = HISTORIES[name]
    got = [
        source.send(step_payload(incident_id, number, step))
        for number, step in enumerate(history)
    ]
    assert got == [(outcome, status) for _, _, _, outcome, status in history]


def test_a_stale_event_leaves_the_alert_alone_and_a_trace(source: Source) -> None:
    incident_id = new_id()
    alert_id = source.fire(new(incident_id, EPOCH + 100))
    before = source.gateway.alert(alert_id)
    stale = closed(incident_id, EPOCH + 50, status="unknown", flapping=True)
    assert source.send(stale) == ("ignored_stale", "firing")
    after = source.gateway.alert(alert_id)
    for field in ("status", "bigpanda_status", "flapping", "fired_at", "resolved_at"):
        assert after[field] == before[field], field
    outcomes = {entry["outcome"] for entry in after["timeline"]}
    assert "ignored_stale" in outcomes, after["timeline"]


def test_a_repeat_is_a_duplicate_as_often_as_it_comes(source: Source) -> None:
    payload = new(new_id(), EPOCH)
    alert_id = source.fire(payload)
    before = source.gateway.alert(alert_id)
    for _ in range(3):
        assert source.send(payload) == ("duplicate", "firing")
    after = source.gateway.alert(alert_id)
    assert after["status"] == "firing" and after["fired_at"] == before["fired_at"]


def test_a_repeated_close_is_a_duplicate(source: Source) -> None:
    incident_id = new_id()
    source.fire(new(incident_id, EPOCH))
    payload = closed(incident_id, EPOCH + 1)
    assert source.send(payload) == ("resolved", "resolved")
    assert source.send(payload) == ("duplicate", "resolved")


def test_only_the_last_applied_event_has_duplicates(source: Source) -> None:
    incident_id = new_id()
    first, second = new(incident_id, EPOCH), updated(incident_id, EPOCH + 1)
    stale = updated(incident_id, EPOCH - 1)
    source.fire(first)
    assert source.send(second) == ("updated", "firing")
    assert source.send(first) == ("ignored_stale", "firing")
    assert source.send(stale) == ("ignored_stale", "firing")
    assert source.send(stale) == ("ignored_stale", "firing")
    assert source.send(second) == ("duplicate", "firing")


def test_timeless_events_repeat_only_in_a_row(source: Source) -> None:
    incident_id = new_id()
    one = bare_event("incident#commented", incident_id, note=1)
    two = bare_event("incident#commented", incident_id, note=2)
    assert source.send(one) == ("created", "firing")
    assert source.send(two) == ("updated", "firing")
    assert source.send(one) == ("updated", "firing")
    assert source.send(one) == ("duplicate", "firing")


def test_other_bytes_of_the_same_event_are_an_update(source: Source) -> None:
    payload = new(new_id(), EPOCH)
    source.fire(payload)
    spaced = json.dumps(payload, indent=1).encode()
    assert source.post(spaced).json()["outcome"] == "updated"


def test_one_incidents_times_say_nothing_about_anothers(source: Source) -> None:
    source.fire(new(new_id(), EPOCH + 1000))
    source.fire(new(new_id(), EPOCH))
