"""Request ids and traces: in answers, in the log, and in what BigPanda is asked."""

import json
from collections.abc import Callable
from typing import Any

from conftest import Connected
from gateway import Gateway
from http_client import request
from payloads import new, new_id
from waiting import eventually

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


def lines(gateway: Gateway, **wanted: Any) -> list[dict[str, Any]]:
    """The log's lines that have all these members."""
    found = [json.loads(line) for line in gateway.process.said().splitlines() if line[:1] == "{"]
    return [line for line in found if wanted.items() <= line.items()]


def line(gateway: Gateway, **wanted: Any) -> dict[str, Any]:
    def logged() -> dict[str, Any]:
        found = lines(gateway, **wanted)
        assert len(found) == 1, found
        return found[0]

    return eventually(logged, f"the log tells {wanted}")


def test_every_answer_has_an_id_of_its_own(connected: Connected) -> None:
    gateway = connected.gateway
    answers = [
        request(gateway.address, "GET", "/healthz"),
        request(gateway.address, "GET", "/v1/alerts"),
        request(gateway.address, "GET", "/nothing"),
        request(gateway.address, "PUT", "/healthz"),
        gateway.api("GET", "/v1/alerts", headers={"X-Request-Id": "mine"}),
        connected.source.post(new(new_id())),
    ]
    ids = [answer.header("X-Request-Id") for answer in answers]
    assert len(set(ids)) == len(ids) and None not in ids and "mine" not in ids, ids


def test_a_proxy_may_name_requests(start_gateway: Callable[..., Gateway]) -> None:
    gateway = start_gateway(GATEWAY_TRUSTED_PROXIES="127.0.0.1")
    for name, is_kept in (("req-1", True), ("a b", False), ("a" * 200, False), ("<b>", False)):
        answer = request(gateway.address, "GET", "/healthz", headers={"X-Request-Id": name})
        assert (answer.header("X-Request-Id") == name) == is_kept, name


def test_what_concerns_a_request_says_so(connected: Connected) -> None:
    gateway, source, incident = connected.gateway, connected.source, connected.stub.create()
    taken = source.post(new(incident), headers={"traceparent": PARENT})
    alert, request_id = taken.json()["alert_id"], taken.header("X-Request-Id")
    told = line(gateway, request=request_id)
    assert told["alert"] == alert and told["incident"] == incident, told
    assert told["source"] == source.id and told["trace"] == TRACE, told

    refused = source.post(b"[]")
    told = line(gateway, request=refused.header("X-Request-Id"))
    assert told["reason"] == "no_incident_id" and told["source"] == source.id, told

    headers = {"traceparent": PARENT, "tracestate": "vendor=1"}
    answer = gateway.api("POST", f"/v1/alerts/{alert}/resolve", headers=headers)
    close = answer.json()["close"]["id"]
    told = line(gateway, request=answer.header("X-Request-Id"))
    assert told["close"] == close and told["trace"] == TRACE and told["source"] == source.id

    gateway.wait_for_close(alert, "sent")
    [call] = connected.stub.resolves(incident)
    version, trace, span, flags = call["traceparent"].split("-")
    assert (version, trace, flags) == ("00", TRACE, "01") and span != "00f067aa0ba902b7", call
    assert call["tracestate"] == "vendor=1"
    told = line(gateway, close=close, state="sent")
    assert told["trace"] == TRACE and told["alert"] == alert and told["source"] == source.id, told


def test_without_a_proper_trace_none_is_made_up(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    parents = [
        None,
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        PARENT.upper(),
        f"ff-{TRACE}-00f067aa0ba902b7-01",
    ]
    incidents = [stub.create() for _ in parents]
    for incident, parent in zip(incidents, parents, strict=True):
        path = f"/v1/alerts/{connected.source.fire(new(incident))}/resolve"
        headers = {"traceparent": parent} if parent else {}
        assert gateway.api("POST", path, headers=headers).status == 200
    for incident in incidents:
        [call] = eventually(lambda incident=incident: stub.resolves(incident), "it is closed")
        assert "traceparent" not in call, call
