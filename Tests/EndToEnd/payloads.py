"""Native payloads of BigPanda's Notifications Webhook, made from its published field tables."""

import secrets
import time
from typing import Any

from stub import PRODUCTION

# Long enough ago that nothing in a test is in the future by accident.
EPOCH = int(time.time()) - 7200


def new_id() -> str:
    """24 hexadecimal digits, as BigPanda's ids are."""
    return secrets.token_hex(12)


def alert(**changes: Any) -> dict[str, Any]:
    return {
        "id": new_id(),
        "status": "critical",
        "active": True,
        "startedOn": EPOCH,
        "changedOn": EPOCH,
        "updatedOn": EPOCH,
        "endedOn": None,
        "primary_property": "host",
        "secondary_property": "check",
        "source_system": "nagios.nagios_east",
        "description": "CPU above 95 % for 5 minutes",
        "tags": [
            {"name": "host", "value": "db-prod-1"},
            {"name": "check", "value": "cpu"},
            {"name": "cluster", "value": "db-prod"},
        ],
    } | changes


def incident(incident_id: str, at: int | None = None, **changes: Any) -> dict[str, Any]:
    """An open incident with everything in it; `at` sets both times that order events."""
    moment = EPOCH if at is None else at
    return {
        "id": incident_id,
        "status": "critical",
        "severity": "critical",
        "active": True,
        "flapping": False,
        "resolved": False,
        "snooze": {"snoozed": False, "end_time": None, "autoCancel": False},
        "startedOn": EPOCH,
        "changedOn": moment,
        "updatedOn": moment,
        "endedOn": None,
        "environments": [PRODUCTION],
        "folders": ["active", "unhandled"],
        "incidentTags": [{"tag_id": "itd_priority_1", "name": "Priority", "tag_value": "P1"}],
        "assignee": None,
        "links": [{"rel": "self", "href": "https://api.bigpanda.io/resources/v1.0/incidents/x"}],
        "alerts": [alert()],
    } | changes


def closed_fields(at: int) -> dict[str, Any]:
    return {"status": "ok", "active": False, "resolved": True, "endedOn": at}


def event(name: str | None, body: dict[str, Any]) -> dict[str, Any]:
    """The wrapped envelope, with the event's name where it is usually looked for."""
    return {"incident": body} | ({} if name is None else {"event": name})


def new(incident_id: str, at: int | None = None, **changes: Any) -> dict[str, Any]:
    return event("incident#new", incident(incident_id, at, **changes))


def updated(incident_id: str, at: int | None = None, **changes: Any) -> dict[str, Any]:
    return event("incident#updated", incident(incident_id, at, **changes))


def closed(incident_id: str, at: int, **changes: Any) -> dict[str, Any]:
    return event("incident#closed", incident(incident_id, at, **(closed_fields(at) | changes)))


def reopened(incident_id: str, at: int, **changes: Any) -> dict[str, Any]:
    return event("incident#reopen", incident(incident_id, at, **changes))


def bare_event(name: str | None, incident_id: str, **state: Any) -> dict[str, Any]:
    """An event that carries nothing but what is said here: no times, no state of its own."""
    return event(name, {"id": incident_id} | state)
