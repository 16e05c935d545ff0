"""The OpenAPI document: true of what is served, and served where the API is."""

from typing import Any

import pytest

from conftest import Connected
from gateway import Gateway
from http_client import Response, request
from openapi import Document
from payloads import new, new_id
from processes import free_port
from waiting import eventually


def describe(gateway: Gateway, **options: Any) -> Document:
    answer = request(("127.0.0.1", gateway.admin_port), "GET", "/openapi.json", **options)
    assert answer.status == 200 and answer.media_type == "application/json", answer
    return Document(answer.json())


class Caller:
    """Calls the API and holds each answer against the document."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.document = describe(gateway)
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(
        self, method: str, path: str, status: int, *, id: str = "", query: str = "", **options: Any
    ) -> Any:
        place = path.replace("{id}", id).replace("{source_id}", id)
        address = ("127.0.0.1", self.gateway.admin_port)
        options.setdefault("token", self.gateway.token)
        answer: Response = request(address, method, place + query, **options)
        assert answer.status == status, f"{method} {path}: {answer}"
        self.document.check(method, path, answer)
        self.seen.add((method, path, status))
        is_json = answer.media_type.endswith("json") and answer.body
        return answer.json() if is_json else answer.body


@pytest.fixture
def call(connected: Connected) -> Caller:
    return Caller(connected.gateway)


def test_the_methods_are_those_that_are_served(gateway: Gateway) -> None:
    document = describe(gateway)
    for path, methods in document.tree["paths"].items():
        place = path.replace("{id}", "a").replace("{source_id}", "a")
        answer = request(gateway.address, "TRACE", place)
        assert answer.status == 405, (path, answer)
        served = set((answer.header("Allow") or "").replace(" ", "").lower().split(","))
        assert served - {"head", "options"} == set(methods), path


def test_who_needs_which_secret(gateway: Gateway) -> None:
    document = describe(gateway)
    open_ones, guarded = set(), set()
    for method, path, operation in document.operations():
        place = path.replace("{id}", "a").replace("{source_id}", "a")
        answer = request(gateway.address, method, place)
        document.check(method, path, answer)
        needs_secret = operation.get("security", document.tree["security"]) != []
        assert needs_secret == (answer.status == 401), (method, path, answer)
        (guarded if needs_secret else open_ones).add(path)
    assert open_ones == {"/healthz", "/readyz", "/openapi.json", "/v1/session"}
    assert {"/metrics", "/v1/alerts", "/webhooks/bigpanda/{source_id}"} < guarded


def test_answers_are_as_described(connected: Connected, call: Caller) -> None:
    source, webhook = connected.source, "/webhooks/bigpanda/{source_id}"
    incident_id = new_id()
    opened = {"id": source.id, "token": source.secret}
    for method in ("POST", "PUT", "PATCH"):
        call(method, webhook, 200, json=new(incident_id), **opened)
    call("POST", webhook, 400, json={"incident": {}}, **opened)
    call("POST", webhook, 415, body=b"{}", headers={"Content-Type": "text/plain"}, **opened)

    [item] = call("GET", "/v1/alerts", 200, query=f"?incident_id={incident_id}")["items"]
    alert = item["id"]
    call("GET", "/v1/alerts", 400, query="?limit=501")
    call("GET", "/v1/alerts", 400, query="?status=open")
    call("GET", "/v1/alerts/{id}", 200, id=alert)
    call("GET", "/v1/alerts/{id}", 404, id="alt_x")
    call("GET", "/v1/alerts/{id}", 400, id="%ff")
    exported = call("GET", "/v1/alerts/{id}/export", 200, id=alert)
    assert exported["alert"] == call("GET", "/v1/alerts/{id}", 200, id=alert), exported
    assert [item["outcome"] for item in exported["deliveries"]] == ["updated"] * 2 + ["created"]
    assert exported["source"]["id"] == source.id and exported["integration"]
    call("GET", "/v1/alerts/{id}/export", 404, id="alt_x")
    call("POST", "/v1/alerts/{id}/resolve", 422, id=alert, json={"comment": 5})
    call("POST", "/v1/alerts/{id}/resolve", 400, id=alert, body=b"[]")
    resolved = call("POST", "/v1/alerts/{id}/resolve", 200, id=alert, json={"comment": "done"})
    assert resolved["status"] == "resolved" and resolved["resolved_by"]["kind"] == "user"

    close = resolved["close"]["id"]
    call("GET", "/v1/closes", 200, query="?limit=1")
    call("POST", "/v1/closes/{id}/cancel", 200, id=close)
    call("POST", "/v1/closes/{id}/retry", 404, id="cls_x")

    # Refusals are written a moment after they were answered.
    eventually(lambda: connected.gateway.items("/v1/deliveries?outcome=refused"), "a refusal")
    deliveries = call("GET", "/v1/deliveries", 200)["items"]
    assert {"refused", "created"} <= {item["outcome"] for item in deliveries}
    for item in deliveries:
        call("GET", "/v1/deliveries/{id}", 200, id=item["id"])
    replay = "/v1/deliveries/{id}/replay"
    first = next(item["id"] for item in deliveries if item["outcome"] == "created")
    assert call("POST", replay, 200, id=first, json={"dry_run": True})["dry_run"] is True
    assert call("POST", replay, 200, id=first)["dry_run"] is False
    call("POST", replay, 413, id=first, body=b" " * 70_000)


def test_answers_of_the_directory_are_as_described(connected: Connected, call: Caller) -> None:
    integrations, sources = "/v1/integrations", "/v1/sources"
    key, base_url = connected.stub.key, connected.stub.base_url
    wish = {"name": "second", "api_key": key, "base_url": base_url}
    made = call("POST", integrations, 201, json=wish)["id"]
    call("POST", integrations, 422, json=wish | {"api_key": "BPU-wrong"})
    call("POST", integrations, 503, json=wish | {"base_url": f"http://127.0.0.1:{free_port()}"})
    call("GET", integrations, 200, query="?limit=1")
    one = integrations + "/{id}"
    call("GET", one, 200, id=made)
    call("PATCH", one, 200, id=made, json={"name": "third", "key_expires_at": None})
    canary = one + "/canary"
    ours = connected.integration["id"]
    call("GET", canary, 200, id=ours)
    call("PUT", canary, 200, id=ours, json={"interval_seconds": 600})
    call("PUT", canary, 422, id=ours, json={"interval_seconds": 1})
    call("GET", canary, 404, id="int_x")
    call("DELETE", canary, 204, id=ours)
    call("POST", one + "/check", 200, id=made)
    call("DELETE", one, 204, id=made)
    call("DELETE", one, 404, id=made)
    call("DELETE", one, 409, id=connected.integration["id"])

    wish = {"name": "second", "integration_id": connected.integration["id"]}
    made = call("POST", sources, 201, json=wish)["id"]
    call("POST", sources, 422, json=wish | {"integration_id": "int_x"})
    call("GET", sources, 200)
    call("GET", sources + "/{id}", 200, id=connected.source.id)
    call("PATCH", sources + "/{id}", 200, id=made, json={"enabled": False})
    rotate = sources + "/{id}/rotate-secret"
    call("POST", rotate, 200, id=made, json={"overlap_seconds": 60})
    call("POST", rotate, 422, id=made, json={"overlap_seconds": -1})
    install = sources + "/{id}/install-webhook"
    call("POST", install, 409, id=made)
    call("POST", install, 200, id=made, json={"trigger_key": "kind"})
    call("POST", install, 422, id=made, json={"apply": "yes"})
    call("POST", install, 404, id="src_x")
    call("DELETE", sources + "/{id}", 204, id=made)

    for path in ("/healthz", "/readyz", "/metrics", "/openapi.json"):
        call("GET", path, 200)


def test_answers_about_sessions_and_figures_are_as_described(
    connected: Connected, call: Caller
) -> None:
    gateway = connected.gateway
    connected.source.fire(new(new_id()))
    connected.source.fire(new(new_id()))
    assert connected.source.post(b"[]").status == 400
    session = call("POST", "/v1/session", 200, json={"token": gateway.token}, token=None)
    assert session["csrf_token"]
    call("POST", "/v1/session", 401, json={"token": "wrong"}, token=None)
    call("POST", "/v1/session", 422, json={"token": ""}, token=None)
    call("GET", "/v1/session", 204, token=None)
    [listed] = call("GET", "/v1/sessions", 200, query="?limit=5")["items"]
    assert listed["id"] == session["id"] and not listed["current"]
    call("DELETE", "/v1/session", 404)
    call("DELETE", "/v1/sessions", 204)
    assert call("GET", "/v1/sessions", 200)["items"] == []
    assert call("GET", "/v1/status", 200)["status"] == "healthy"
    about = call("GET", "/v1/about", 200)
    assert about["store"] == "sqlite" and about["uptime_seconds"] < 300

    def is_counted() -> bool:
        figures = call("GET", "/v1/statistics", 200)
        assert len(figures["hours"]) == 24 and figures["alerts"] == {"firing": 2, "resolved": 0}
        # Two hours, should one have ended meanwhile.
        last = figures["hours"][-2:]
        [own] = figures["sources"]
        assert own["source_id"] == connected.source.id and sum(own["webhooks"]) == 2
        assert last[-1]["firing"] == 2 and sum(hour["webhooks"] for hour in last) == 2
        return sum(hour["refused"] for hour in last) == 1

    # Refusals are written a moment after they were answered, and the figures are kept a while.
    eventually(is_counted, "all is counted")


def test_open_metrics_are_described_as_open(start_gateway: Any) -> None:
    gateway = start_gateway(GATEWAY_METRICS_OPEN="1")
    operation = describe(gateway).tree["paths"]["/metrics"]["get"]
    assert operation["security"] == [] and "401" not in operation["responses"]
    assert request(gateway.address, "GET", "/metrics").status == 200


def test_it_is_served_where_the_api_is(start_gateway: Any) -> None:
    gateway = start_gateway(GATEWAY_ADMIN_LISTEN=f"127.0.0.1:{free_port()}")
    assert request(gateway.address, "GET", "/openapi.json").status == 404
    describe(gateway)


def test_a_wrong_answer_is_noticed(gateway: Gateway) -> None:
    document = describe(gateway)
    page = document.tree["paths"]["/v1/alerts"]["get"]["responses"]["200"]["content"]
    schema, example = page["application/json"]["schema"], page["application/json"]["example"]
    [alert] = example["items"]
    document.validate(example, schema, "the example")
    without = {name: value for name, value in alert.items() if name != "close"}
    for wrong in (
        alert | {"status": "open"},
        alert | {"title": None},
        alert | {"fired_at": "yesterday"},
        alert | {"unheard_of": 1},
        alert | {"close": {}},
        without,
    ):
        with pytest.raises(AssertionError, match="items"):
            document.validate({"items": [wrong], "next_cursor": None}, schema, "a wrong one")
