"""What holds for the whole API: health, authorization, errors, methods and paths."""

import json

import pytest

from conftest import Connected
from gateway import Gateway
from http_client import assert_problem, connection, read_response, request
from payloads import new, new_id

GUARDED = [
    ("GET", "/v1/integrations"),
    ("POST", "/v1/integrations"),
    ("GET", "/v1/integrations/a"),
    ("PATCH", "/v1/integrations/a"),
    ("DELETE", "/v1/integrations/a"),
    ("POST", "/v1/integrations/a/check"),
    ("GET", "/v1/sources"),
    ("POST", "/v1/sources"),
    ("GET", "/v1/sources/a"),
    ("PATCH", "/v1/sources/a"),
    ("DELETE", "/v1/sources/a"),
    ("GET", "/v1/alerts"),
    ("GET", "/v1/alerts/a"),
    ("POST", "/v1/alerts/a/resolve"),
    ("GET", "/v1/closes"),
    ("POST", "/v1/closes/a/retry"),
    ("POST", "/v1/closes/a/cancel"),
    ("GET", "/v1/status"),
    ("GET", "/metrics"),
]


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_needs_no_token(gateway: Gateway, path: str) -> None:
    answer = request(gateway.address, "GET", path)
    assert answer.status == 200 and answer.media_type == "application/json", answer
    assert isinstance(answer.json(), dict)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_head_is_get_without_the_body(gateway: Gateway, path: str) -> None:
    whole = request(gateway.address, "GET", path)
    answer = request(gateway.address, "HEAD", path)
    assert answer.status == 200 and answer.body == b""
    assert answer.header("Content-Type") == whole.header("Content-Type")
    assert answer.header("Content-Length") == str(len(whole.body))


def test_a_query_does_not_change_the_route(gateway: Gateway) -> None:
    assert request(gateway.address, "GET", "/healthz?a=b&c").status == 200


@pytest.mark.parametrize(("method", "path"), GUARDED)
@pytest.mark.parametrize("token", [None, "wrong", ""])
def test_without_the_token_nothing_is_answered(
    gateway: Gateway, method: str, path: str, token: str | None
) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    body = b"{}" if method in ("POST", "PATCH") else None
    answer = request(gateway.address, method, path, body=body, headers=headers)
    assert_problem(answer, 401)
    assert (answer.header("WWW-Authenticate") or "").startswith("Bearer")


def test_the_token_counts_in_its_header_only(gateway: Gateway) -> None:
    token = gateway.token
    for path in (f"/v1/alerts?token={token}", f"/v1/alerts?access_token={token}"):
        assert request(gateway.address, "GET", path).status == 401
    for value in (f"Basic {token}", token, f"Token {token}", f"Bearer  x{token}"):
        headers = {"Authorization": value}
        assert request(gateway.address, "GET", "/v1/alerts", headers=headers).status == 401


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/v1/nothing", "/v1", "/v1/alerts/a/b/c", "//v1/alerts", "/V1/alerts"],
)
def test_an_unknown_path_is_not_found(gateway: Gateway, path: str) -> None:
    assert_problem(gateway.api("GET", path), 404)


@pytest.mark.parametrize("path", ["/../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/healthz/../v1"])
def test_a_path_leads_out_of_nothing(gateway: Gateway, path: str) -> None:
    answer = gateway.api("GET", path)
    assert answer.status in (400, 404), answer
    assert b"root:" not in answer.body


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/healthz", {"GET", "HEAD"}),
        ("DELETE", "/readyz", {"GET", "HEAD"}),
        ("DELETE", "/v1/integrations", {"GET", "POST"}),
        ("PUT", "/v1/integrations/a", {"GET", "PATCH", "DELETE"}),
        ("GET", "/v1/integrations/a/check", {"POST"}),
        ("DELETE", "/v1/sources", {"GET", "POST"}),
        ("POST", "/v1/alerts", {"GET"}),
        ("DELETE", "/v1/alerts/a", {"GET"}),
        ("GET", "/v1/alerts/a/resolve", {"POST"}),
        ("POST", "/v1/closes", {"GET"}),
        ("GET", "/v1/closes/a/cancel", {"POST"}),
    ],
)
def test_another_method_is_told_which_are_allowed(
    gateway: Gateway, method: str, path: str, allowed: set[str]
) -> None:
    answer = gateway.api(method, path)
    assert_problem(answer, 405)
    named = {name.strip() for name in (answer.header("Allow") or "").split(",")}
    assert allowed <= named and method not in named, named


@pytest.mark.parametrize("path", ["/v1/integrations", "/v1/sources"])
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"5", b'"a"', b"null", b"\xff", b"{}{}"])
def test_a_body_that_is_no_object_is_refused(gateway: Gateway, path: str, body: bytes) -> None:
    assert_problem(gateway.api("POST", path, body=body), {400, 422})


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded"])
def test_a_body_of_another_type_is_refused(gateway: Gateway, media_type: str) -> None:
    body = json.dumps({"name": "a"}).encode()
    headers = {"Content-Type": media_type}
    assert_problem(gateway.api("POST", "/v1/sources", body=body, headers=headers), 415)


def test_a_huge_admin_body_is_refused(gateway: Gateway) -> None:
    body = b'{"name":"' + b"a" * (9 * 1024 * 1024) + b'"}'
    try:
        answer = gateway.api("POST", "/v1/sources", body=body)
    except (BrokenPipeError, ConnectionResetError):
        return  # Cut off while still sending.
    assert answer.status == 413, answer


def test_metrics_want_the_token(gateway: Gateway) -> None:
    answer = gateway.api("GET", "/metrics")
    assert answer.status == 200 and answer.media_type == "text/plain", answer
    lines = answer.body.decode().splitlines()
    assert any(line.startswith("# TYPE ") for line in lines)
    assert any(line and not line.startswith("#") for line in lines)


def test_metrics_can_be_open(start_gateway) -> None:
    gateway = start_gateway(GATEWAY_METRICS_OPEN="1")
    assert request(gateway.address, "GET", "/metrics").status == 200
    assert request(gateway.address, "GET", "/v1/alerts").status == 401


def test_metrics_count_webhooks(connected: Connected) -> None:
    def numbers() -> dict[str, float]:
        text = connected.gateway.api("GET", "/metrics").body.decode()
        rows = [line.rsplit(" ", 1) for line in text.splitlines() if line and line[0] != "#"]
        return {name: float(value) for name, value in rows}

    before = numbers()
    incident_id = new_id()
    connected.source.fire(new(incident_id))
    after = numbers()
    grown = [name for name in after if after[name] == before.get(name, 0) + 1]
    assert any("webhook" in name or "deliver" in name for name in grown), grown
    assert incident_id not in " ".join(after), "an incident's id is no label"


def test_a_connection_serves_many_requests(gateway: Gateway) -> None:
    channel = connection(gateway.address)
    token = gateway.token
    for path, status in [("/healthz", 200), ("/v1/alerts", 401), ("/nothing", 404)] * 20:
        channel.request("GET", path)
        answer = read_response(channel)
        # Whether an unknown path is told to a stranger is the gateway's choice.
        assert answer.status in (status, 401), (path, answer)
        channel.request("GET", "/v1/alerts", headers={"Authorization": f"Bearer {token}"})
        assert read_response(channel).status == 200
    channel.close()
