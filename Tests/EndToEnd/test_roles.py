"""Named tokens: what each role may do, and how one ends."""

import sqlite3
from collections.abc import Callable
from typing import Any

import reference
from conftest import Connected, connect
from gateway import Gateway
from http_client import Response, assert_problem, request
from openapi import Document
from payloads import new, new_id
from postgres import Database
from stub import Stub
from test_sessions import Client
from waiting import eventually

RANKS = ("viewer", "operator", "admin")
BY_OPERATORS = {"resolveAlert", "retryClose", "cancelClose", "replayDelivery", "checkIntegration"}
BY_OPERATORS |= {"testWebhookEndpoint", "replayWebhookDelivery"}
BY_EVERYBODY = {"signOut"}


def make(gateway: Gateway, name: str, role: str) -> dict[str, Any]:
    answer = request(
        gateway.address, "POST", "/v1/tokens", json={"name": name, "role": role},
        token=gateway.token,
    )
    assert answer.status == 201, answer
    token = answer.json()
    gateway.secrets.add(token["token"])
    return token


def call(gateway: Gateway, token: str, method: str, path: str, json: Any = None) -> Response:
    return request(gateway.address, method, path, json=json, token=token)


def test_every_operation_asks_for_its_role(gateway: Gateway) -> None:
    """All operations of the document, with each role: forbidden or not, and nothing between."""
    document = Document(request(gateway.address, "GET", "/openapi.json").json())
    tokens = {role: make(gateway, role + "-1", role)["token"] for role in RANKS}
    seen = 0
    for method, path, operation in document.operations():
        stated = reference.who(operation)
        if stated not in RANKS or path == "/v1/stream":
            continue
        name, write = operation["operationId"], method.lower() != "get"
        needed = "admin" if write else "viewer"
        if name in BY_OPERATORS:
            needed = "operator"
        if name in BY_EVERYBODY:
            needed = "viewer"
        assert stated == needed, name
        for role in RANKS:
            body = {} if write and method.lower() != "delete" else None
            answer = call(gateway, tokens[role], method, path.replace("{id}", "x"), body)
            document.check(method, path, answer)
            if RANKS.index(role) < RANKS.index(needed):
                assert_problem(answer, 403, f"{needed}_required")
            else:
                assert answer.status not in (401, 403), (role, method, path, answer)
            seen += 1
    assert seen > 75


def test_a_session_has_the_role_of_its_token_and_ends_with_it(connected: Connected) -> None:
    gateway = connected.gateway
    token = make(gateway, "ann", "operator")
    client = Client(gateway)
    assert client.sign_in(token["token"]).status == 200
    session = client("GET", "/v1/session").json()
    assert (session["token_name"], session["role"]) == ("ann", "operator")
    alert = connected.source.fire(new(new_id()))
    resolved = client("POST", f"/v1/alerts/{alert}/resolve", {})
    assert resolved.status == 200, resolved
    assert resolved.json()["resolved_by"] == {"kind": "user", "name": "ann"}
    assert_problem(client("POST", "/v1/sources", {}), 403, "admin_required")
    assert_problem(client("DELETE", "/v1/sessions"), 403, "admin_required")
    other = Client(gateway)
    other.sign_in()
    assert gateway.api("DELETE", f"/v1/tokens/{token['id']}").status == 204
    assert_problem(client("GET", "/v1/alerts"), 401, "unauthorized")
    assert_problem(call(gateway, token["token"], "GET", "/v1/alerts"), 401, "unauthorized")
    assert_problem(Client(gateway).sign_in(token["token"]), 401, "wrong_token")
    assert other("GET", "/v1/alerts").status == 200
    assert_problem(gateway.api("DELETE", f"/v1/tokens/{token['id']}"), 404, "not_found")


def test_tokens_are_kept_hashed_and_named_once(gateway: Gateway) -> None:
    token = make(gateway, "ann", "viewer")
    assert token["token"].startswith("bpgw_") and len(token["token"]) == 48
    for name, code in (("ann", 409), ("admin", 422), (" gateway ", 422), ("", 422)):
        answer = gateway.api("POST", "/v1/tokens", {"name": name, "role": "viewer"})
        assert answer.status == code, (name, answer)
    assert gateway.api("POST", "/v1/tokens", {"name": "b", "role": "root"}).status == 422
    assert call(gateway, token["token"], "GET", "/v1/alerts").status == 200
    [item] = eventually(
        lambda: [i for i in gateway.items("/v1/tokens") if i["last_used_at"]], "its use is noted"
    )
    assert "token" not in item and "hash" not in item
    # Not a write for each request: the store's changes stand still.
    with sqlite3.connect(gateway.data / "gateway.db") as store:
        before = store.execute("PRAGMA data_version").fetchone()
        for _ in range(50):
            assert call(gateway, token["token"], "GET", "/v1/about").status == 200
        assert store.execute("PRAGMA data_version").fetchone() == before
    gateway.kill_and_restart()
    assert call(gateway, token["token"], "GET", "/v1/alerts").status == 200
    assert gateway.items("/v1/tokens")[0]["last_used_at"] >= item["last_used_at"]
    gateway.assert_nothing_leaked()


def test_a_token_ends_at_every_replica_at_once(
    start_gateway: Callable[..., Gateway], stub: Stub, database: Database
) -> None:
    first, other = (start_gateway(**database.settings()) for _ in range(2))
    eventually(
        lambda: database.sql("SELECT count(*) FROM replicas") == "2", "both have said they live"
    )
    connect(first, stub)
    for number in range(5):
        token = make(first, f"ann-{number}", "viewer")
        assert call(other, token["token"], "GET", "/v1/alerts").status == 200
        client = Client(other)
        assert client.sign_in(token["token"]).status == 200
        assert first.api("DELETE", f"/v1/tokens/{token['id']}").status == 204
        assert call(other, token["token"], "GET", "/v1/alerts").status == 401
        assert client("GET", "/v1/alerts").status == 401
    actions = [item["action"] for item in other.items("/v1/audit?limit=15")]
    assert actions == ["token.revoke", "session.create", "token.create"] * 5
