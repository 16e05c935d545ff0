"""Sources: a callback URL and a secret that is shown once."""

from typing import Any

import pytest

from conftest import Connected
from gateway import Gateway, Source
from http_client import Response, assert_problem, request
from payloads import EPOCH, new, new_id


def test_a_source_is_created(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    assert source.callback_url == f"http://127.0.0.1:{gateway.port}{source.path}"
    assert len(source.secret) >= 32, "a secret that can be guessed is none"
    # `get` searches what it reads for the secret.
    stored = gateway.get(f"/v1/sources/{source.id}")
    assert stored["name"] == "BigPanda"
    assert stored["integration_id"] == connected.integration["id"]
    assert stored["enabled"] is True
    assert stored["last_delivery_at"] is None
    assert "secret" not in stored
    (listed,) = gateway.items("/v1/sources")
    assert listed["id"] == source.id and "secret" not in listed


def test_two_sources_have_nothing_in_common(connected: Connected) -> None:
    other = connected.gateway.create_source(connected.integration["id"], "Other")
    assert other.id != connected.source.id
    assert other.secret != connected.source.secret
    assert other.callback_url != connected.source.callback_url
    assert other.post(new(new_id()), token=connected.source.secret).status == 401


def test_the_last_delivery_is_told(connected: Connected) -> None:
    connected.source.fire(new(new_id()))
    stored = connected.gateway.get(f"/v1/sources/{connected.source.id}")
    assert stored["last_delivery_at"].endswith("Z")


def test_a_public_url_stands_in_the_callback(start_gateway: Any, stub: Any) -> None:
    gateway = start_gateway(GATEWAY_PUBLIC_URL="https://gateway.example/bp")
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    assert source.callback_url == f"https://gateway.example/bp{source.path}"


def patch(connected: Connected, **changes: Any) -> Response:
    return connected.gateway.api("PATCH", f"/v1/sources/{connected.source.id}", changes)


def test_a_source_can_be_renamed(connected: Connected) -> None:
    answer = patch(connected, name="Renamed")
    assert answer.status == 200 and answer.json()["name"] == "Renamed", answer
    connected.source.fire(new(new_id()))


def test_a_disabled_source_takes_nothing(connected: Connected) -> None:
    answer = patch(connected, enabled=False)
    assert answer.status == 200 and answer.json()["enabled"] is False, answer
    assert connected.source.post(new(new_id())).status == 401
    assert connected.gateway.items("/v1/alerts") == []
    assert patch(connected, enabled=True).status == 200
    connected.source.fire(new(new_id()))


def test_a_removed_source_takes_nothing(connected: Connected) -> None:
    path = f"/v1/sources/{connected.source.id}"
    assert connected.gateway.api("DELETE", path).status in (200, 204)
    assert_problem(connected.gateway.api("GET", path), 404)
    assert connected.gateway.items("/v1/sources") == []
    assert connected.source.post(new(new_id())).status == 401


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({"integration_id": "real"}, id="no name"),
        pytest.param({"name": "", "integration_id": "real"}, id="empty name"),
        pytest.param({"name": 5, "integration_id": "real"}, id="name a number"),
        pytest.param({"name": "a"}, id="no integration"),
        pytest.param({"name": "a", "integration_id": "none"}, id="unknown integration"),
        pytest.param([], id="a list"),
    ],
)
def test_a_bad_request_creates_nothing(connected: Connected, body: Any) -> None:
    if isinstance(body, dict) and body.get("integration_id") == "real":
        body["integration_id"] = connected.integration["id"]
    assert_problem(connected.gateway.api("POST", "/v1/sources", body), {400, 404, 422})
    assert len(connected.gateway.items("/v1/sources")) == 1


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_source_is_not_found(gateway: Gateway, method: str) -> None:
    body = {"name": "a"} if method == "PATCH" else None
    assert_problem(gateway.api(method, "/v1/sources/none", body), 404)


def refusals(connected: Connected) -> dict[str, Response]:
    """One of each kind of webhook that no secret lets in."""
    gateway, source = connected.gateway, connected.source
    disabled = gateway.create_source(connected.integration["id"], "Disabled")
    gateway.api("PATCH", f"/v1/sources/{disabled.id}", {"enabled": False})
    unknown = Source(gateway, "0" * len(source.id), source.secret, "")

    def with_field(value: str | None) -> Response:
        headers = {} if value is None else {"Authorization": value}
        return source.post(new(new_id(), EPOCH), token=None, headers=headers)

    return {
        "wrong": source.post(new(new_id(), EPOCH), token="x" * len(source.secret)),
        "almost right": source.post(new(new_id(), EPOCH), token=source.secret[:-1] + "~"),
        "too long": source.post(new(new_id(), EPOCH), token=source.secret + "a"),
        "missing": with_field(None),
        "empty": with_field("Bearer "),
        "no scheme": with_field(source.secret),
        "another scheme": with_field("Basic " + source.secret),
        "the admin token": source.post(new(new_id(), EPOCH), token=gateway.token),
        "unknown source": unknown.post(new(new_id(), EPOCH)),
        "disabled source": disabled.post(new(new_id(), EPOCH)),
        "unknown source, wrong": unknown.post(new(new_id(), EPOCH), token="wrong"),
    }


def test_every_refusal_looks_the_same(connected: Connected) -> None:
    answers = refusals(connected)
    for name, answer in answers.items():
        assert answer.status == 401, name
        assert (answer.header("WWW-Authenticate") or "").startswith("Bearer"), name
    # The connection is kept when the body had come in already, which is the network's doing.
    varying = {"date", "x-request-id", "connection"}
    looks = {
        name: [answer.body]
        + [(key, value) for key, value in answer.headers if key.lower() not in varying]
        for name, answer in answers.items()
    }
    unlike = {name: look for name, look in looks.items() if look != looks["wrong"]}
    assert not unlike, (unlike, looks["wrong"])
    assert connected.gateway.items("/v1/alerts") == []


def test_the_scheme_is_written_in_any_case(source: Source) -> None:
    headers = {"Authorization": f"bearer {source.secret}"}
    assert source.post(new(new_id()), headers=headers).status == 200


def test_the_secret_opens_nothing_else(connected: Connected) -> None:
    answer = request(
        connected.gateway.address, "GET", "/v1/alerts", token=connected.source.secret
    )
    assert_problem(answer, 401)


def test_an_answer_with_a_secret_tells_of_the_traffic(connected: Connected) -> None:
    gateway = connected.gateway
    wish = {"name": "Other", "integration_id": connected.integration["id"]}
    for path, body in (
        ("/v1/sources", wish), (f"/v1/sources/{connected.source.id}/rotate-secret", None),
    ):
        told = gateway.api("POST", path, body).json()
        gateway.secrets.add(told["secret"])
        assert told["traffic"]["state"] == "learning", told
        assert told["traffic"] == gateway.get(f"/v1/sources/{told['id']}")["traffic"]
