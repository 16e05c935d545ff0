"""Two gateways and HAProxy as `deploy/container` sets them up, on PostgreSQL: TLS, webhooks through
and nothing else, and nothing refused while gateways come and go."""

import copy
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from balanced import Senders
from browser import Visit, until_live
from composed import Composed
from conftest import connect
from gateway import Gateway, Source
from http_client import Response, read_response, request
from journal import newest
from payloads import alert, new, new_id
from postgres import Database
from waiting import eventually

CLIENT = "127.0.0.9"
# What must go through between two events.
ENOUGH = 50


@pytest.fixture
def composed(
    database: Database, start_gateway: Callable[..., Gateway], tmp_path: Path, request: Any
) -> Iterator[Composed]:
    composed = Composed(tmp_path / "composed", database, start_gateway)
    try:
        for index in range(len(composed.gateways)):
            composed.wait_for_traffic(index, lambda: call(composed.port, "GET", "/readyz"))
        yield composed
        composed.haproxy.assert_running()
    finally:
        composed.close()


@pytest.fixture
def source(composed: Composed, stub: Any) -> Source:
    return connect(composed.gateways[0], stub).source


def unchecked() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def call(
    port: int, method: str, path: str, fields: dict[str, str] | None = None, body: bytes = b""
) -> Response:
    channel = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=15, context=unchecked(), source_address=(CLIENT, 0)
    )
    try:
        channel.request(method, path, body=body or None, headers=fields or {})
        return read_response(channel)
    finally:
        channel.close()


def test_webhooks_go_through_under_the_address_of_their_sender(
    composed: Composed, source: Source
) -> None:
    fields = {"Authorization": f"Bearer {source.secret}", "Content-Type": "application/json"}
    # Twice each, as every other one goes to the same gateway.
    for lie in 2 * ({}, {"X-Forwarded-For": "6.6.6.6"}, {"Forwarded": "for=6.6.6.6"}):
        incident_id = new_id()
        body = json.dumps(new(incident_id)).encode()
        answer = call(composed.port, "POST", source.path, fields | lie, body)
        assert answer.status == 200, answer
        delivery = newest(source.gateway)
        assert (delivery["incident_id"], delivery["peer"]) == (incident_id, CLIENT)
    fields["Authorization"] = "Bearer wrong"
    assert call(composed.port, "POST", source.path, fields, b"{}").status == 401


def test_the_api_goes_through_for_operators_only(composed: Composed, source: Source) -> None:
    token = source.gateway.token
    fields = {"Authorization": f"Bearer {token}"}
    for path in ("/v1/alerts", "/metrics", "/", "/webhooks/../v1/alerts", "//v1/alerts"):
        answer = call(composed.port, "GET", path, fields)
        assert answer.status == 404, (path, answer)
        assert b"items" not in answer.body
    for _ in composed.gateways:
        assert request(composed.admin, "GET", "/v1/alerts", token=token).status == 200
    assert request(composed.admin, "POST", source.path, token=source.secret).status == 404


def test_the_pages_are_there_for_operators(
    composed: Composed, source: Source, visit: Visit
) -> None:
    """Each request goes to another gateway, and what one takes in shows on a page of the other."""
    front = copy.copy(source.gateway)
    front.host, front.admin_port = composed.admin
    visitor = visit(front)
    page = visitor.sign_in()
    until_live(visitor)
    for _ in composed.gateways:
        incident_id = new_id()
        fields = {"Authorization": f"Bearer {source.secret}", "Content-Type": "application/json"}
        tags = [{"name": "host", "value": incident_id}, {"name": "check", "value": "cpu"}]
        body = json.dumps(new(incident_id, alerts=[alert(tags=tags)])).encode()
        assert call(composed.port, "POST", source.path, fields, body).status == 200
        visitor.see(page.get_by_role("row").filter(has_text=incident_id).get_by_text("Firing"))


def through(composed: Composed, source: Source) -> Senders:
    return Senders(("127.0.0.1", composed.port), source, tls=unchecked())


def wait_for_more(senders: Senders) -> None:
    now = time.monotonic()
    eventually(lambda: senders.acknowledged_since(now) >= ENOUGH, "webhooks go through", 30)


def incidents_in(database: Database) -> set[str]:
    return set(database.sql("SELECT incident_id FROM alerts").splitlines())


def test_gateways_are_replaced_without_a_failed_request(
    composed: Composed, source: Source, database: Database, report: Callable[[str], None]
) -> None:
    """One is restarted where it is; the other ends, and a new one gets another address, which the
    engine's name server tells before that one listens."""
    senders = through(composed, source)
    wait_for_more(senders)
    assert composed.gateways[0].stop() == 0
    composed.wait_for_down(0)
    wait_for_more(senders)
    composed.gateways[0].start_again()
    composed.wait_for_traffic(0)
    assert composed.gateways[1].stop() == 0
    composed.wait_for_down(1)
    composed.move(1)
    wait_for_more(senders)
    composed.gateways[1].start_again()
    composed.wait_for_traffic(1)
    wait_for_more(senders)
    told = senders.stop()
    assert (told.refused, told.broken) == ([], [])
    reasons = composed.reasons_for_down()
    assert any("code: 503" in reason for reason in reasons), reasons
    assert told.acknowledged.keys() <= incidents_in(database)
    report(f"composed: {len(told.acknowledged)} webhooks while both were replaced, none failed")


def test_a_killed_gateway_fails_no_request(
    composed: Composed, source: Source, database: Database
) -> None:
    """What it had not answered yet goes to the other, which knows what is stored already."""
    senders = through(composed, source)
    for index in (0, 1):
        wait_for_more(senders)
        composed.gateways[index].kill()
        composed.wait_for_down(index)
        wait_for_more(senders)
        composed.gateways[index].start_again()
        composed.wait_for_traffic(index)
    told = senders.stop()
    assert (told.refused, told.broken) == ([], [])
    assert told.acknowledged.keys() <= incidents_in(database)
