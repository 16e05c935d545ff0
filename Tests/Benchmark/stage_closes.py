"""Closes a second against a BigPanda without a limit.

The gateway keeps to five calls a second for each integration, so that many integrations share the
work: what is left is how fast the gateway itself goes through what it owes.
"""

import json
import tempfile
import time
from pathlib import Path
from typing import Any

from flood import Answer, Flood, webhook_request
from gateway import Gateway
from payloads import EPOCH, new
from peers import quiet
from plan import Plan
from stub import Stub
from waiting import eventually

# As many as one integration may call for within a second.
CLOSES_EACH = 4
CONNECTIONS = 16
KEY = "BPU-benchmark-{:04}"


def closes(plan: Plan) -> dict[str, Any]:
    integrations = 50 if plan.is_quick else 500
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        directory = Path(place)
        stub = Stub(plan.binary, directory / "stub")
        gateway = quiet(plan.binary, directory / "gateway")
        try:
            return measured(gateway, stub, integrations)
        finally:
            gateway.kill()
            stub.process.kill()


def measured(gateway: Gateway, stub: Stub, integrations: int) -> dict[str, Any]:
    stub.settings(rate_per_second=0)
    alerts = fire(gateway, stub, integrations)
    stub.forget_calls()
    started = time.monotonic()
    path = "/v1/alerts/{}/resolve"
    for answer in exchange(gateway, [post(path.format(alert), gateway.token) for alert in alerts]):
        assert answer.status == 200, answer
    resolved = time.monotonic() - started

    def accepted() -> list[dict[str, Any]] | None:
        calls = stub.resolves()
        return calls if sum(call["status"] == 202 for call in calls) >= len(alerts) else None

    calls = eventually(accepted, "each close is taken", 120)
    assert len(calls) == len(alerts), f"{len(calls)} calls for {len(alerts)} closes"
    eventually(lambda: not any(incident["active"] for incident in incidents(stub)), "all closed")
    moments = sorted(call["at_ms"] for call in calls)
    seconds = (moments[-1] - moments[0]) / 1000
    return {
        "integrations": integrations, "closes": len(alerts), "seconds": seconds,
        "per_second": len(alerts) / seconds, "resolves_per_second": len(alerts) / resolved,
    }


def incidents(stub: Stub) -> list[dict[str, Any]]:
    return stub.control("GET", "incidents")["items"]


def fire(gateway: Gateway, stub: Stub, integrations: int) -> list[str]:
    """Alerts whose incidents the stub knows: their ids, one integration's after another's."""
    keys = [KEY.format(index) for index in range(integrations)]
    stub.allow_keys(*keys)
    webhooks = []
    for index, key in enumerate(keys):
        answer = gateway.connect(stub, name=f"organisation {index}", api_key=key)
        assert answer.status == 201, answer
        source = gateway.create_source(answer.json()["id"], f"source {index}")
        for number in range(CLOSES_EACH):
            incident = stub.create(id=f"owed-{index:04}-{number}", share=False)
            body = json.dumps(new(incident, EPOCH)).encode()
            webhooks.append(webhook_request(source, body))
    alerts = []
    for answer in exchange(gateway, webhooks):
        assert answer.status == 200, answer
        alerts.append(json.loads(answer.body)["alert_id"])
    return alerts


def post(path: str, token: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ).encode()


def exchange(gateway: Gateway, requests: list[bytes]) -> list[Answer]:
    with Flood(gateway.address, CONNECTIONS) as flood:
        return list(flood.exchange((None, request) for request in requests))
