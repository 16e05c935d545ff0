"""The journal of what was turned away: why, from whom, and how much of it is kept."""

import base64
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from conftest import Connected
from gateway import Gateway, Source
from journal import deliveries, newest_refused
from payloads import new
from raw_socket import RawClient
from waiting import eventually


REFUSED: list[tuple[bytes, str, int, str]] = [
    (b"{", "application/json", 400, "not_json"),
    (b'"\xff"', "application/json", 400, "not_json"),
    (b"{}", "application/json", 400, "no_incident_id"),
    (b'{"id":7}', "application/json", 400, "bad_incident_id"),
    (json.dumps(new("i")).encode(), "text/plain", 415, "unsupported_media_type"),
]


@pytest.mark.parametrize("body, media_type, status, reason", REFUSED)
def test_refused_ones_are_kept_with_their_reason(
    source: Source, body: bytes, media_type: str, status: int, reason: str
) -> None:
    gateway = source.gateway
    answer = source.post(body, headers={"Content-Type": media_type})
    assert answer.status == status, answer
    delivery = newest_refused(gateway, reason)
    kept = delivery["body"]
    found = base64.b64decode(delivery["body_base64"]) if kept is None else kept.encode()
    assert found == body
    assert delivery["source_id"] == source.id
    assert delivery["secret_id"] is not None
    assert "alert_id" not in delivery


@pytest.mark.parametrize("chunked", [False, True])
def test_one_too_large_is_kept_without_its_body(
    start_gateway: Callable[..., Gateway], stub: Any, chunked: bool
) -> None:
    gateway = start_gateway(GATEWAY_MAX_BODY_BYTES="2048")
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    framing = "Transfer-Encoding: chunked" if chunked else "Content-Length: 5000"
    head = (
        f"POST {source.path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {source.secret}\r\n"
        f"Content-Type: application/json\r\n{framing}\r\n\r\n"
    )
    body = b"1388\r\n" + b"x" * 5000 + b"\r\n0\r\n\r\n" if chunked else b"x" * 5000
    with RawClient(gateway.address) as client:
        client.send(head.encode() + body)
        assert client.read_until_close().startswith(b"HTTP/1.1 413 "), client.received
    delivery = newest_refused(gateway, "too_large")
    assert delivery["body"] is None


def webhook_head(source: Source, *fields: str, method: str = "POST") -> bytes:
    lines = [
        f"{method} {source.path} HTTP/1.1",
        "Host: x",
        f"Authorization: Bearer {source.secret}",
        "Content-Type: application/json",
        *fields,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_one_with_a_wrong_method_is_kept(source: Source, method: str) -> None:
    answer = source.post(b"", method=method)
    assert answer.status == 405 and "POST" in (answer.header("Allow") or ""), answer
    assert newest_refused(source.gateway, "method_not_allowed")["source_id"] == source.id


def test_a_wrong_method_without_the_secret_counts_as_a_strangers(source: Source) -> None:
    assert source.post(b"", method="GET", token="wrong").status == 405
    assert newest_refused(source.gateway, "method_not_allowed")["secret_id"] is None


def test_one_that_breaks_off_is_kept(source: Source) -> None:
    with RawClient(source.gateway.address) as client:
        client.send(webhook_head(source, "Content-Length: 500") + b'{"incident":')
        client.half_close()
        assert client.read_until_close().startswith(b"HTTP/1.1 400 "), client.received
    assert newest_refused(source.gateway, "truncated_request")["body"] is None
    with RawClient(source.gateway.address) as client:
        client.send(webhook_head(source, "Content-Length: 501", "Expect: 100-continue"))
        # Shows that the head was read before the peer goes away without a word.
        answer = client.response()
        assert answer is not None and answer.status == 100, answer
        client.reset()

    def reset_is_kept() -> bool:
        return newest_refused(source.gateway, "truncated_request")["bytes"] == 501

    eventually(reset_is_kept, "the one that was reset is kept")


def test_one_with_broken_chunks_is_kept(source: Source) -> None:
    with RawClient(source.gateway.address) as client:
        client.send(webhook_head(source, "Transfer-Encoding: chunked") + b"nonsense\r\n")
        assert client.read_until_close().startswith(b"HTTP/1.1 400 "), client.received
    assert newest_refused(source.gateway, "bad_framing")["body"] is None


def test_strangers_are_counted_and_sampled(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    body = b"x" * 500

    def knock(number: int) -> None:
        path = source if number % 2 else Source(gateway, "src_unknown", "", "")
        assert path.post(body, token="not-the-secret").status == 401

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(knock, range(2000)))

    def all_told() -> list[dict[str, Any]]:
        """What was admitted last is stored a moment later than it was counted."""
        found = deliveries(gateway, "outcome=refused&limit=500")
        metrics = gateway.api("GET", "/metrics").body.decode()
        assert 'webhooks_refused_total{reason="bad_secret"} 2000' in metrics
        assert f"refused_deliveries_dropped_total {2000 - len(found)}\n" in metrics, len(found)
        return found

    kept = eventually(all_told, "each is kept or counted as dropped")
    # One a second and peer, and 60 a minute in all.
    assert 1 <= len(kept) <= 60, len(kept)
    for item in kept:
        delivery = gateway.get(f"/v1/deliveries/{item['id']}")
        assert delivery["body"] is None and delivery["secret_id"] is None
        assert delivery["bytes"] == len(body)
        assert delivery["source_id"] in (source.id, None)
