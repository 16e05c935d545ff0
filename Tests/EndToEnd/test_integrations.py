"""Connecting to BigPanda: the key is checked before anything is stored."""

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import Connected
from gateway import Gateway
from http_client import Response, assert_problem
from processes import free_port
from stub import PRODUCTION, STAGING, Stub
from waiting import eventually


def assert_nothing_stored(gateway: Gateway) -> None:
    assert gateway.items("/v1/integrations") == []


class FakeAnswer(http.server.BaseHTTPRequestHandler):
    """Answers everything with one status and body."""

    answer = (200, "application/json", b"{}")

    def do_GET(self) -> None:  # noqa: N802, the name that http.server asks for
        status, media_type, body = self.answer
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def fake() -> Iterator[Any]:
    """Something that speaks HTTP and is not BigPanda; call it with what it shall answer."""
    servers: list[http.server.HTTPServer] = []

    def start(status: int, media_type: str, body: bytes) -> str:
        handler = type("Handler", (FakeAnswer,), {"answer": (status, media_type, body)})
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_good_key_connects(gateway: Gateway, stub: Stub) -> None:
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    integration = answer.json()
    assert integration["name"] == "production"
    assert integration["key_suffix"] == stub.key[-4:]
    assert integration["state"] == "connected"
    found = {(item["id"], item["name"]) for item in integration["environments"]}
    assert found == {(PRODUCTION, "Production"), (STAGING, "Staging")}
    listed = gateway.items("/v1/integrations")
    assert [item["id"] for item in listed] == [integration["id"]]
    assert gateway.get(f"/v1/integrations/{integration['id']}")["key_suffix"] == stub.key[-4:]
    assert "api_key" not in answer.json() and "api_key" not in listed[0]


def test_an_environment_and_an_expiry_are_kept(gateway: Gateway, stub: Stub) -> None:
    expires = "2031-01-02T03:04:05.000Z"
    answer = gateway.connect(stub, environment_id=STAGING, key_expires_at=expires)
    assert answer.status == 201, answer
    integration = gateway.get(f"/v1/integrations/{answer.json()['id']}")
    assert integration["environment_id"] == STAGING
    assert integration["key_expires_at"].startswith("2031-01-02T03:04:05")


def test_a_wrong_key_is_rejected(gateway: Gateway, stub: Stub) -> None:
    assert_problem(gateway.connect(stub, api_key="BPU-wrong-key-0123456"), 422, "key_rejected")
    assert_nothing_stored(gateway)


def test_a_powerless_key_is_forbidden(gateway: Gateway, stub: Stub) -> None:
    stub.allow_keys(forbidden=(stub.key,))
    assert_problem(gateway.connect(stub), 422, "key_forbidden")
    assert_nothing_stored(gateway)


def test_the_stubs_html_is_not_bigpanda(gateway: Gateway, stub: Stub) -> None:
    stub.fault("environments", "html")
    assert_problem(gateway.connect(stub), 422, "not_bigpanda")
    assert_nothing_stored(gateway)


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (200, "application/json", b"{}"),
        (200, "application/json", b'{"environments":[]}'),
        (200, "application/json", b"[1, 2"),
        (200, "text/html", b"<html>log in</html>"),
        (404, "application/json", b'{"status":404,"errors":["no such thing"]}'),
    ],
)
def test_something_else_is_not_bigpanda(
    gateway: Gateway, stub: Stub, fake: Any, status: int, media_type: str, body: bytes
) -> None:
    url = fake(status, media_type, body)
    assert_problem(gateway.connect(stub, base_url=url), 422, "not_bigpanda")
    assert_nothing_stored(gateway)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_bigpanda_in_trouble_is_unreachable(gateway: Gateway, stub: Stub, status: int) -> None:
    stub.fault("environments", "status", status=status, times=0)
    assert_problem(gateway.connect(stub), 503, "bigpanda_unreachable")
    assert_nothing_stored(gateway)


def test_a_closed_port_is_unreachable(gateway: Gateway, stub: Stub) -> None:
    answer = gateway.connect(stub, base_url=f"http://127.0.0.1:{free_port()}")
    assert_problem(answer, 503, "bigpanda_unreachable")
    assert_nothing_stored(gateway)


@pytest.mark.parametrize("kind", ["drop", "garbage"])
def test_a_broken_connection_stores_nothing(gateway: Gateway, stub: Stub, kind: str) -> None:
    stub.fault("environments", kind, times=0)
    # Bytes that are not HTTP may be taken for either.
    answer = gateway.connect(stub)
    assert answer.json()["code"] in ("bigpanda_unreachable", "not_bigpanda"), answer
    assert_problem(answer, {422, 503})
    assert_nothing_stored(gateway)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": None}, id="no name"),
        pytest.param({"name": ""}, id="empty name"),
        pytest.param({"api_key": None}, id="no key"),
        pytest.param({"api_key": ""}, id="empty key"),
        pytest.param({"api_key": "BPU with spaces"}, id="key with spaces"),
        pytest.param({"api_key": "BPU\r\nX-Evil: 1"}, id="key with a line break"),
        pytest.param({"api_key": "BPU-ключ"}, id="key beyond ASCII"),
        pytest.param({"api_key": 5}, id="key a number"),
        pytest.param({"base_url": None}, id="neither region nor base URL"),
        pytest.param({"base_url": None, "region": "mars"}, id="unknown region"),
        pytest.param({"region": "us"}, id="both region and base URL"),
        pytest.param({"base_url": "http://bigpanda.example"}, id="no TLS"),
        pytest.param({"base_url": "ftp://127.0.0.1/"}, id="another scheme"),
        pytest.param({"base_url": "not a url"}, id="not a URL"),
        pytest.param({"environment_id": "0" * 24}, id="unknown environment"),
        pytest.param({"key_expires_at": "tomorrow"}, id="not a time"),
    ],
)
def test_a_bad_request_stores_nothing(
    gateway: Gateway, stub: Stub, changes: dict[str, Any]
) -> None:
    body = {"name": "a", "api_key": stub.key, "base_url": stub.base_url} | changes
    body = {key: value for key, value in body.items() if value is not None}
    assert_problem(gateway.api("POST", "/v1/integrations", body), {400, 422})
    assert_nothing_stored(gateway)


def patch(connected: Connected, **changes: Any) -> Response:
    for value in changes.values():
        if isinstance(value, str) and value.startswith("BPU"):
            connected.gateway.secrets.add(value)
    path = f"/v1/integrations/{connected.integration['id']}"
    return connected.gateway.api("PATCH", path, changes)


def test_a_new_key_replaces_the_old_one_after_a_check(connected: Connected) -> None:
    new_key = "BPU-" + "b0b0" * 6 + "9876"
    connected.stub.allow_keys(connected.stub.key, new_key)
    answer = patch(connected, api_key=new_key)
    assert answer.status == 200 and answer.json()["key_suffix"] == "9876", answer
    assert connected.stub.calls()[-1]["key_suffix"] == "9876"


@pytest.mark.parametrize(
    ("status", "code"), [(401, "key_rejected"), (403, "key_forbidden"), (503, None)]
)
def test_a_bad_new_key_leaves_the_old_one(
    connected: Connected, status: int, code: str | None
) -> None:
    gateway, stub = connected.gateway, connected.stub
    bad_key = "BPU-" + "bad0" * 8
    if status == 403:
        stub.allow_keys(stub.key, forbidden=(bad_key,))
    if status == 503:
        stub.fault("environments", "status", status=503)
    answer = patch(connected, api_key=bad_key)
    assert_problem(answer, 422 if code else 503, code or "bigpanda_unreachable")
    stored = gateway.get(f"/v1/integrations/{connected.integration['id']}")
    assert stored["key_suffix"] == stub.key[-4:]
    check = gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    assert check.json()["state"] == "connected"


def test_a_name_can_be_changed_alone(connected: Connected) -> None:
    answer = patch(connected, name="renamed")
    assert answer.status == 200 and answer.json()["name"] == "renamed", answer
    assert answer.json()["key_suffix"] == connected.stub.key[-4:]


def test_what_changes_while_a_key_is_checked_stays(connected: Connected) -> None:
    stub = connected.stub
    new_key = "BPU-" + "c0c0" * 6 + "5432"
    stub.allow_keys(stub.key, new_key)
    stub.fault("environments", "delay", delay_ms=1000)
    count = len(stub.calls())
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(patch, connected, api_key=new_key)
        eventually(lambda: len(stub.calls()) > count, "the key is being checked")
        assert patch(connected, name="renamed").status == 200
        assert answer.result().status == 200, answer.result()
    stored = connected.gateway.get(f"/v1/integrations/{connected.integration['id']}")
    assert (stored["name"], stored["key_suffix"]) == ("renamed", "5432")


def test_a_check_tells_the_state(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    path = f"/v1/integrations/{connected.integration['id']}/check"

    def state() -> str:
        answer = gateway.api("POST", path)
        assert answer.status == 200, answer
        return answer.json()["state"]

    assert state() == "connected"
    stub.allow_keys()
    assert state() == "key_rejected"
    stub.allow_keys(forbidden=(stub.key,))
    assert state() == "key_forbidden"
    stub.allow_keys(stub.key)
    assert state() == "connected"
    stub.process.kill()
    assert state() == "unreachable"


def test_an_integration_can_be_removed(gateway: Gateway, stub: Stub) -> None:
    integration = gateway.connect(stub).json()
    path = f"/v1/integrations/{integration['id']}"
    assert gateway.api("DELETE", path).status in (200, 204)
    assert_problem(gateway.api("GET", path), 404)
    assert_nothing_stored(gateway)


@pytest.mark.parametrize(
    ("method", "suffix"), [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/check")]
)
def test_an_unknown_integration_is_not_found(gateway: Gateway, method: str, suffix: str) -> None:
    body = {"name": "a"} if method == "PATCH" else None
    assert_problem(gateway.api(method, "/v1/integrations/none" + suffix, body), 404)
