"""Webhooks that are not taken, each with its answer, and nothing stored."""

import json
from typing import Any

import pytest

from gateway import Gateway, Source
from http_client import assert_problem
from payloads import EPOCH, incident, new, new_id
from raw_socket import RawClient

BODY_BYTES_MAX = 8 * 1024 * 1024

BROKEN_BODIES: dict[str, bytes] = {
    "nothing": b"",
    "blanks": b"  \n",
    "a word": b"zebra",
    "cut off": b'{"incident":{"id":"a"',
    "two values": b'{"id":"a"}{"id":"b"}',
    "trailing bytes": b'{"id":"a"} x',
    "a trailing comma": b'{"id":"a",}',
    "single quotes": b"{'id':'a'}",
    "a comment": b'{"id":"a"/* b */}',
    "not UTF-8": b'{"id":"\xff\xfe"}',
    "UTF-16": '{"id":"a"}'.encode("utf-16"),
    "not a number": b'{"id":"a","changedOn":NaN}',
    "a control in a string": b'{"id":"a\nb"}',
    "a form": b"id=a&event=incident%23new",
    "deep": b"[" * 100_000,
    "deep and closed": b'{"id":"a","b":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    "an array": b'[{"id":"a"}]',
    "a string": b'"a"',
    "a number": b"5",
    "null": b"null",
    "true": b"true",
}

ODD_IDS: dict[str, Any] = {
    "missing": ...,
    "null": None,
    "a number": 12345,
    "a bool": True,
    "a list": ["a"],
    "an object": {"$oid": "a"},
    "empty": "",
    "257 bytes": "x" * 257,
    "257 bytes in 129 characters": "ü" * 128 + "x",
}


def assert_refused(source: Source, answer: Any, status: int) -> None:
    assert_problem(answer, status)
    assert source.gateway.items("/v1/alerts") == []


@pytest.mark.parametrize("name", BROKEN_BODIES)
def test_a_broken_body(source: Source, name: str) -> None:
    assert_refused(source, source.post(BROKEN_BODIES[name]), 400)


@pytest.mark.parametrize("name", ODD_IDS)
@pytest.mark.parametrize("is_wrapped", [True, False])
def test_an_odd_id(source: Source, name: str, is_wrapped: bool) -> None:
    body = incident("a")
    if ODD_IDS[name] is ...:
        del body["id"]
    else:
        body["id"] = ODD_IDS[name]
    assert_refused(source, source.post({"incident": body} if is_wrapped else body), 400)


@pytest.mark.parametrize("value", [None, [], "a", 5])
def test_an_incident_that_is_none(source: Source, value: Any) -> None:
    assert_refused(source, source.post({"event": "incident#new", "incident": value}), 400)


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "text/html; charset=utf-8",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=a",
        "application/jsonx",
        "application/octet-stream",
    ],
)
def test_another_media_type(source: Source, media_type: str) -> None:
    answer = source.post(new(new_id()), headers={"Content-Type": media_type})
    assert_refused(source, answer, 415)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_another_method(source: Source, method: str) -> None:
    answer = source.post(b"", method=method)
    assert_refused(source, answer, 405)
    allowed = {name.strip() for name in (answer.header("Allow") or "").split(",")}
    assert {"POST", "PUT", "PATCH"} <= allowed
    assert method not in allowed


def padded(size: int) -> bytes:
    """A good webhook of exactly that many bytes."""
    body = json.dumps(new(new_id(), EPOCH)).encode()
    return body[:-1] + b" " * (size - len(body)) + body[-1:]


def test_the_largest_body_is_taken(source: Source) -> None:
    answer = source.post(padded(BODY_BYTES_MAX))
    assert answer.status == 200, answer


def head(source: Source, *fields: str) -> bytes:
    lines = [
        f"POST {source.path} HTTP/1.1",
        "Host: gateway",
        f"Authorization: Bearer {source.secret}",
        "Content-Type: application/json",
        *fields,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@pytest.mark.parametrize("size", [BODY_BYTES_MAX + 1, 9 * 1024 * 1024, 10**15])
@pytest.mark.parametrize("expects", [True, False])
def test_a_body_announced_too_large_is_refused_unread(
    source: Source, size: int, expects: bool
) -> None:
    fields = [f"Content-Length: {size}"] + (["Expect: 100-continue"] if expects else [])
    with RawClient(source.gateway.address) as client:
        client.send(head(source, *fields))
        answer = client.response()
        assert answer is not None and answer.status == 413, answer
        assert answer.headers["content-type"].startswith("application/problem+json")
        client.read_until_close()
    assert source.gateway.items("/v1/alerts") == []


def test_a_body_of_9_mib_is_refused(source: Source) -> None:
    body = padded(9 * 1024 * 1024)
    with RawClient(source.gateway.address) as client:
        client.send(head(source, f"Content-Length: {len(body)}"))
        client.send(body)
        # A client that writes on is cut off, and may lose the answer to the reset.
        answer = None
        try:
            answer = client.response()
        except AssertionError:
            assert client.is_closed
        assert answer is None or answer.status == 413, answer
    assert source.gateway.items("/v1/alerts") == []
    assert source.post(new(new_id())).status == 200


def test_a_chunked_body_of_9_mib_is_refused(source: Source) -> None:
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    with RawClient(source.gateway.address) as client:
        client.send(head(source, "Transfer-Encoding: chunked"))
        for _ in range(144):
            if not client.send(chunk):
                break
        answer = None
        try:
            answer = client.response()
        except AssertionError:
            assert client.is_closed
        assert answer is None or answer.status == 413, answer
    assert source.gateway.items("/v1/alerts") == []


def test_the_limit_is_configurable(start_gateway: Any, stub: Any) -> None:
    gateway: Gateway = start_gateway(GATEWAY_MAX_BODY_BYTES="4096")
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    assert source.post(padded(4096)).status == 200
    assert_problem(source.post(padded(4097)), 413)


def test_a_wrong_secret_is_refused_before_the_body(source: Source) -> None:
    """The body is announced and never comes; the answer does."""
    wrong = head(source, "Content-Length: 100000").replace(source.secret.encode(), b"wrong")
    with RawClient(source.gateway.address, seconds=5) as client:
        client.send(wrong)
        answer = client.response()
        assert answer is not None and answer.status == 401


def test_two_authorizations_are_refused(source: Source) -> None:
    body = json.dumps(new(new_id())).encode()
    twice = head(source, f"Content-Length: {len(body)}", "Authorization: Bearer other") + body
    with RawClient(source.gateway.address) as client:
        client.send(twice)
        answer = client.response()
        assert answer is not None and answer.status in (400, 401)
    assert source.gateway.items("/v1/alerts") == []


def test_good_webhooks_are_taken_between_bad_ones(source: Source) -> None:
    for name, body in BROKEN_BODIES.items():
        assert source.post(body).status == 400, name
        assert source.post(new(new_id())).status == 200, name
    assert len(source.gateway.items("/v1/alerts?limit=500")) == len(BROKEN_BODIES)
