"""Sessions: signing in with the admin token, writes by cookie, and what ends a session."""

import re
import sqlite3
import time
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Connected, on_postgres
from gateway import Gateway
from http_client import Response, assert_problem, connection, read_response, request
from payloads import new, new_id
from processes import free_port

COOKIE = re.compile(r"^((?:__Host-)?gateway_session)=([A-Za-z0-9_-]{43}); (.*)$")


class Client:
    """A browser as far as cookies go."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.cookie = ""
        self.csrf = ""

    def __call__(
        self, method: str, path: str, json: Any = None, *, csrf: bool = True, **fields: str
    ) -> Response:
        headers = {name.replace("_", "-"): value for name, value in fields.items()}
        if self.cookie:
            headers["Cookie"] = self.cookie
        if csrf and self.csrf:
            headers["X-CSRF-Token"] = self.csrf
        address = ("127.0.0.1", self.gateway.admin_port)
        return request(address, method, path, json=json, headers=headers)

    def sign_in(self, token: str | None = None, **fields: str) -> Response:
        answer = self("POST", "/v1/session", {"token": token or self.gateway.token}, **fields)
        if answer.status == 200:
            match = COOKIE.match(answer.header("Set-Cookie") or "")
            assert match, answer.headers
            self.cookie = f"other=1; {match.group(1)}={match.group(2)}"
            self.csrf = answer.json()["csrf_token"]
            self.gateway.secrets.add(match.group(2))
        return answer


@pytest.fixture
def client(gateway: Gateway) -> Client:
    client = Client(gateway)
    assert client.sign_in().status == 200
    return client


def test_a_session_opens_the_api_and_signing_out_ends_it(client: Client) -> None:
    assert client("GET", "/v1/alerts").status == 200
    session = client("GET", "/v1/session").json()
    assert session["csrf_token"] == client.csrf and session["peer"] == "127.0.0.1"
    assert client("DELETE", "/v1/session").status == 204
    assert_problem(client("GET", "/v1/alerts"), 401, "unauthorized")
    assert client("GET", "/v1/session").status == 204


def test_the_cookie_is_kept_from_scripts_and_other_sites(gateway: Gateway) -> None:
    cookie = Client(gateway).sign_in().header("Set-Cookie") or ""
    match = COOKIE.match(cookie)
    assert match and match.group(1) == "gateway_session", cookie
    assert match.group(3).split("; ") == ["Path=/", "HttpOnly", "SameSite=Strict"]


def test_behind_https_the_cookie_is_for_https_alone(start_gateway: Callable[..., Gateway]) -> None:
    gateway = start_gateway(GATEWAY_PUBLIC_URL="https://gateway.example.org")
    client = Client(gateway)
    match = COOKIE.match(client.sign_in().header("Set-Cookie") or "")
    assert match and match.group(1) == "__Host-gateway_session"
    assert match.group(3).split("; ") == ["Path=/", "HttpOnly", "SameSite=Strict", "Secure"]
    assert client("GET", "/v1/alerts").status == 200


@pytest.mark.parametrize("method", ["POST", "PATCH", "DELETE"])
def test_a_write_by_cookie_needs_the_csrf_token(client: Client, method: str) -> None:
    path = "/v1/sources" if method == "POST" else "/v1/sources/src_none"
    assert_problem(client(method, path, {}, csrf=False), 403, "csrf_token_wrong")
    other = Client(client.gateway)
    other.sign_in()
    client.csrf, own = other.csrf, client.csrf
    assert_problem(client(method, path, {}), 403, "csrf_token_wrong")
    client.csrf = own
    assert client(method, path, {}).status in (404, 422)
    answer = client(method, path, {}, Sec_Fetch_Site="cross-site")
    assert_problem(answer, 403, "cross_site")


def test_what_is_no_session_is_refused(gateway: Gateway) -> None:
    client = Client(gateway)
    for value in ("", "x", "A" * 43, "A" * 44, "=" * 43, "é" * 43):
        client.cookie = f"gateway_session={value}"
        assert_problem(client("GET", "/v1/alerts"), 401, "unauthorized")
        assert client("GET", "/v1/session").status == 204
    # With a token in the header, right or wrong, the cookie does not count.
    client.sign_in()
    wrong = client("GET", "/v1/alerts", Authorization="Bearer wrong")
    assert_problem(wrong, 401, "unauthorized")
    assert_problem(client("GET", "/metrics"), 401, "unauthorized")


def test_signing_in_again_gives_another_session(client: Client) -> None:
    before = Client(client.gateway)
    before.cookie, before.csrf = client.cookie, client.csrf
    assert client.sign_in().status == 200
    assert client.cookie != before.cookie and client.csrf != before.csrf
    assert before("GET", "/v1/alerts").status == 401
    assert client("GET", "/v1/alerts").status == 200


def test_all_sessions_end_at_once(client: Client) -> None:
    other = Client(client.gateway)
    other.sign_in()
    items = client("GET", "/v1/sessions").json()["items"]
    assert sorted(item["current"] for item in items) == [False, True]
    assert all("csrf_token" not in item for item in items)
    assert client("DELETE", "/v1/sessions").status == 204
    assert other("GET", "/v1/alerts").status == client("GET", "/v1/alerts").status == 401


def test_a_session_outlives_the_process_and_ends_with_the_token(client: Client) -> None:
    gateway = client.gateway
    gateway.kill_and_restart()
    assert client("GET", "/v1/alerts").status == 200
    gateway.kill()
    gateway.settings["GATEWAY_ADMIN_TOKEN"] = "another-token-of-this-gateway"
    gateway.start_again()
    assert client("GET", "/v1/alerts").status == 401


@pytest.mark.parametrize(
    "column,seconds", [("last_used_at", 12 * 3600), ("created_at", 30 * 86400)]
)
def test_a_session_ends_by_itself(client: Client, column: str, seconds: int) -> None:
    gateway = client.gateway
    for age, status in ((seconds - 60, 200), (seconds + 60, 401)):
        gateway.kill()
        with sqlite3.connect(gateway.data / "gateway.db") as store:
            # What was used just now, so that only the one moment counts.
            now = "unixepoch() * 1000"
            store.execute(f"UPDATE sessions SET created_at = {now}, last_used_at = {now}")
            store.execute(f"UPDATE sessions SET {column} = {now} - ?", (age * 1000,))
        store.close()
        gateway.start_again()
        assert client("GET", "/v1/alerts").status == status, age


def test_a_stream_ends_with_the_session_that_opened_it(client: Client) -> None:
    stream = connection(client.gateway.address, timeout=40)
    stream.request("GET", "/v1/stream", headers={"Cookie": client.cookie})
    answer = stream.getresponse()
    assert (answer.status, answer.getheader("Content-Type")) == (200, "text/event-stream")
    assert answer.readline().startswith(b"retry:")
    # And one that a named token opened, which is revoked meanwhile.
    gateway = client.gateway
    named = gateway.api("POST", "/v1/tokens", {"name": "ann", "role": "viewer"}).json()
    gateway.secrets.add(named["token"])
    second = connection(gateway.address, timeout=40)
    second.request("GET", "/v1/stream", headers={"Authorization": f"Bearer {named['token']}"})
    other_answer = second.getresponse()
    assert other_answer.readline().startswith(b"retry:")
    assert gateway.api("DELETE", f"/v1/tokens/{named['id']}").status == 204
    assert client("DELETE", "/v1/sessions").status == 204
    # It is looked at with each sign of life, every 15 s.
    deadline = time.monotonic() + 40
    for told in (answer, other_answer):
        while line := told.readline():
            assert b"event:" not in line and time.monotonic() < deadline, line
    stream.close()
    second.close()
    other = connection(client.gateway.address)
    other.request("GET", "/v1/stream", headers={"Cookie": client.cookie})
    assert_problem(read_response(other), 401, "unauthorized")
    other.close()


@on_postgres
def test_every_replica_knows_a_session(start_gateway: Callable[..., Gateway]) -> None:
    first, second = Client(start_gateway()), Client(start_gateway())
    assert first.sign_in().status == 200
    second.cookie, second.csrf = first.cookie, first.csrf
    assert second("GET", "/v1/alerts").status == 200
    assert second("GET", "/v1/about").json()["store"] == "postgresql"
    assert len(second("GET", "/v1/sessions").json()["items"]) == 1
    assert second("DELETE", "/v1/session").status == 204
    assert first("GET", "/v1/alerts").status == 401


@on_postgres
def test_figures_are_those_of_all_replicas(connected: Connected, start_gateway: Any) -> None:
    other = start_gateway()
    for _ in range(3):
        connected.source.fire(new(new_id()))
    figures = other.get("/v1/statistics")
    assert figures["alerts"]["firing"] == 3
    assert [sum(source["webhooks"]) for source in figures["sources"]] == [3]


def test_the_store_holds_no_token(client: Client) -> None:
    """That no file holds one is looked for after each test; that it is there at all, here."""
    gateway = client.gateway
    gateway.stop()
    with sqlite3.connect(gateway.data / "gateway.db") as store:
        rows = store.execute("SELECT hash, id, peer FROM sessions").fetchall()
    store.close()
    assert len(rows) == 1 and len(rows[0][0]) == 32 and rows[0][2] == "127.0.0.1"


def test_wrong_tokens_are_soon_refused_unread(gateway: Gateway) -> None:
    client = Client(gateway)
    answers = [client.sign_in("a-wrong-token") for _ in range(14)]
    assert [answer.status for answer in answers] == [401] * 10 + [429] * 4
    assert_problem(answers[0], 401, "wrong_token")
    assert_problem(answers[-1], 429, "too_many_attempts")
    assert 0 < int(answers[-1].header("Retry-After") or 0) <= 30
    # Nor is the right one taken then, which would tell the guesses apart.
    assert client.sign_in().status == 429
    # Nor in a header, where it could be guessed as well; but what needs no token goes on.
    assert_problem(gateway.api("GET", "/v1/alerts"), 429, "too_many_attempts")
    assert gateway.api("GET", "/healthz").status == 200


def test_attempts_are_counted_by_who_makes_them(start_gateway: Callable[..., Gateway]) -> None:
    gateway = start_gateway(GATEWAY_TRUSTED_PROXIES="127.0.0.0/8")
    client = Client(gateway)
    for _ in range(10):
        client.sign_in("a-wrong-token", X_Forwarded_For="203.0.113.7")
    assert client.sign_in(X_Forwarded_For="203.0.113.7").status == 429
    assert client.sign_in(X_Forwarded_For="203.0.113.8").status == 200
    # One IPv6 network is one sender.
    for number in range(10):
        client.sign_in("a-wrong-token", X_Forwarded_For=f"2001:db8::{number}")
    assert client.sign_in(X_Forwarded_For="2001:db8::ffff").status == 429
    assert client.sign_in(X_Forwarded_For="2001:db8:0:1::1").status == 200
    # And all together are counted too, from however many addresses they come.
    statuses = {
        client.sign_in("a-wrong-token", X_Forwarded_For=f"198.51.{high}.{low}").status
        for high in range(3)
        for low in range(100)
    }
    assert statuses == {401, 429}


def test_signing_in_takes_json_from_our_own_pages(gateway: Gateway) -> None:
    client = Client(gateway)
    assert_problem(client.sign_in(Sec_Fetch_Site="cross-site"), 403, "cross_site")
    assert_problem(client("POST", "/v1/session", {}), 422, "invalid_field")
    body = f'{{"token":"{gateway.token}"}}'.encode()
    answer = request(
        gateway.address, "POST", "/v1/session", body=body, headers={"Content-Type": "text/plain"}
    )
    assert_problem(answer, 415, "unsupported_media_type")
    too_much = {"token": "x" * 5000}
    assert client("POST", "/v1/session", too_much).status == 413


def test_the_pages_are_only_where_the_api_is(start_gateway: Callable[..., Gateway]) -> None:
    gateway = start_gateway(GATEWAY_ADMIN_LISTEN=f"127.0.0.1:{free_port()}")
    for path in ("/", "/alerts", "/sign-in", "/v1/session", "/assets/x/app.js", "/settings"):
        assert request(gateway.address, "GET", path).status == 404, path
    assert request(gateway.address, "POST", "/v1/session", json={}).status == 404
    client = Client(gateway)
    assert client.sign_in().status == 200
    assert client("GET", "/alerts").status == 200
