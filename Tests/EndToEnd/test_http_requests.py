"""Requests as RFC 9110 and 9112 allow and forbid them, byte by byte."""

import json

import pytest

from gateway import Gateway, Source
from payloads import EPOCH, new, new_id
from raw_socket import RawClient, exchange

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
POST = b"POST /healthz HTTP/1.1\r\nHost: a\r\n"

# What is sent, and the statuses that may answer it. Where the message's end is in doubt the
# connection must be closed: what follows could be anybody's.
BAD: dict[str, tuple[bytes, set[int]]] = {
    "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", {400}),
    "two Hosts": (GET + b"Host: a\r\n\r\n", {400}),
    "empty Host": (b"GET /healthz HTTP/1.1\r\nHost:\r\n\r\n", {400}),
    "a list of Hosts": (b"GET /healthz HTTP/1.1\r\nHost: a, b\r\n\r\n", {400}),
    "Host with user": (b"GET /healthz HTTP/1.1\r\nHost: a@b\r\n\r\n", {400}),
    "Host with path": (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", {400}),
    "Host with space": (b"GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n", {400}),
    "Host with odd port": (b"GET /healthz HTTP/1.1\r\nHost: a:b\r\n\r\n", {400}),
    "two lengths": (POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\na", {400}),
    "a list of lengths": (POST + b"Content-Length: 1, 2\r\n\r\na", {400}),
    "negative length": (POST + b"Content-Length: -1\r\n\r\n", {400}),
    "signed length": (POST + b"Content-Length: +1\r\n\r\na", {400}),
    "hexadecimal length": (POST + b"Content-Length: 0x1\r\n\r\na", {400}),
    "endless length": (POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", {400, 413}),
    "length and chunked": (
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "unknown coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", {400}),
    "chunked is not last": (POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n", {400}),
    "chunked twice": (
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "nearly chunked": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400}),
    "chunked in 1.0": (
        b"POST /healthz HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        {400},
    ),
    "bare line feeds": (b"GET /healthz HTTP/1.1\nHost: a\n\n", {400}),
    "a bare line feed in a field": (GET + b"A: b\nC: d\r\n\r\n", {400}),
    "a bare carriage return": (GET + b"A: b\rc\r\n\r\n", {400}),
    "a folded field": (GET + b"A: b\r\n c\r\n\r\n", {400}),
    "NUL in a value": (GET + b"A: b\0c\r\n\r\n", {400}),
    "a control in a value": (GET + b"A: b\x01c\r\n\r\n", {400}),
    "space before the colon": (GET + b"A : b\r\n\r\n", {400}),
    "no colon": (GET + b"zebra\r\n\r\n", {400}),
    "no name": (GET + b": a\r\n\r\n", {400}),
    "a name that is no token": (GET + b"A(b): c\r\n\r\n", {400}),
    "HTTP/2.0": (b"GET /healthz HTTP/2.0\r\nHost: a\r\n\r\n", {400, 505}),
    "HTTP/1.11": (b"GET /healthz HTTP/1.11\r\nHost: a\r\n\r\n", {400, 505}),
    "http/1.1": (b"GET /healthz http/1.1\r\nHost: a\r\n\r\n", {400, 505}),
    "HTTP/0.9": (b"GET /healthz\r\n\r\n", {400, 505}),
    "a preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "TLS": (bytes.fromhex("16030100c8010000c40303") + b"\0" * 190, {400}),
    "binary": (bytes(range(1, 255)) + b"\r\n\r\n", {400}),
    "zeros": (b"\0" * 64 + b"\r\n\r\n", {400}),
    "a long method": (b"A" * 5000 + b" / HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a method that is no token": (b"GE{T / HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "CONNECT": (b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", {405, 501}),
    "GET *": (b"GET * HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a fragment": (b"GET /healthz#a HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "no slash": (b"GET healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a control in the target": (b"GET /heal\x7fthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a raw byte in the target": (b"GET /h\xc3\xa9 HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "two spaces": (b"GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n", {400}),
    "a long target": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {414, 431}),
    "a huge field": (GET + b"A: " + b"b" * 70_000 + b"\r\n\r\n", {431}),
    "many fields": (GET + b"A: b\r\n" * 120 + b"\r\n", {431}),
}

# Their end is clear, so the connection may live on.
WELL_FRAMED = {
    "CONNECT",
    "GET *",
    "a fragment",
    "no slash",
    "a control in the target",
    "a raw byte in the target",
}

GOOD: dict[str, bytes] = {
    "plain": GET + b"\r\n",
    "spaces around a value": b"GET /healthz HTTP/1.1\r\nHost: \t a \t\r\n\r\n",
    "no space after the colon": b"GET /healthz HTTP/1.1\r\nHost:a\r\n\r\n",
    "an empty value": GET + b"A:\r\n\r\n",
    "Host with port": b"GET /healthz HTTP/1.1\r\nHost: a:80\r\n\r\n",
    "an address as Host": b"GET /healthz HTTP/1.1\r\nHost: [::1]:80\r\n\r\n",
    "fields in any case": b"GET /healthz HTTP/1.1\r\nhOST: a\r\n\r\n",
    "bytes beyond ASCII in a value": GET + b"A: \xc3\xa9\r\n\r\n",
    "a target of 8,000 bytes": b"GET /healthz?" + b"a" * 7976 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "ninety fields": GET + b"A: b\r\n" * 90 + b"\r\n",
    "an empty line before": b"\r\n" + GET + b"\r\n",
    "HTTP/1.0": b"GET /healthz HTTP/1.0\r\nHost: a\r\n\r\n",
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_request_is_refused_and_the_connection_closed(gateway: Gateway, name: str) -> None:
    data, statuses = BAD[name]
    with RawClient(gateway.address, seconds=5) as client:
        client.send(data)
        answer = None
        try:
            answer = client.response()
        except AssertionError:
            # A reset may overtake the answer when more was sent than was read.
            assert client.is_closed and len(data) > 4096
        assert answer is None or answer.status in statuses, answer
        assert answer is not None or len(data) > 4096, "closed without a word"
        if name in WELL_FRAMED and not client.is_closed:
            client.half_close()
        client.read_until_close()
    assert exchange(gateway.address, GET + b"\r\n").status == 200


@pytest.mark.parametrize("name", GOOD)
def test_a_good_request_is_answered(gateway: Gateway, name: str) -> None:
    answer = exchange(gateway.address, GOOD[name])
    assert answer is not None and answer.status == 200, answer


@pytest.mark.parametrize("target", ["*", "/healthz"])
def test_options_tell_the_methods(gateway: Gateway, target: str) -> None:
    answer = exchange(gateway.address, f"OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    assert answer is not None and answer.status == 204 and "GET" in answer.headers["allow"]


def webhook(source: Source, *fields: str, body: bytes = b"") -> bytes:
    lines = [
        f"POST {source.path} HTTP/1.1",
        "Host: a",
        f"Authorization: Bearer {source.secret}",
        "Content-Type: application/json",
        *fields,
    ]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def payload() -> bytes:
    return json.dumps(new(new_id(), EPOCH)).encode()


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_a_chunked_webhook_is_taken(source: Source, size: int) -> None:
    body = payload()
    chunks = [body[start : start + size] for start in range(0, len(body), size)]
    coded = b"".join(b"%x;a=b\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    data = webhook(source, "Transfer-Encoding: chunked") + coded + b"0\r\nA: b\r\n\r\n"
    answer = exchange(source.gateway.address, data)
    assert answer is not None and json.loads(answer.body)["outcome"] == "created", answer


@pytest.mark.parametrize(
    "coded",
    [b"zz\r\n", b"-1\r\n", b"1\r\nab\r\n", b"\r\n", b"f" * 20 + b"\r\n", b"1\na\n0\n\n"],
)
def test_a_broken_chunk_is_refused(source: Source, coded: bytes) -> None:
    with RawClient(source.gateway.address, seconds=5) as client:
        client.send(webhook(source, "Transfer-Encoding: chunked") + coded)
        answer = client.response()
        assert answer is not None and answer.status in (400, 413), answer
        client.read_until_close()
    assert source.gateway.items("/v1/alerts") == []


def test_a_webhook_may_come_byte_by_byte(source: Source) -> None:
    body = payload()
    with RawClient(source.gateway.address) as client:
        for byte in webhook(source, f"Content-Length: {len(body)}", body=body):
            client.send(bytes([byte]))
        answer = client.response()
        assert answer is not None and answer.status == 200


def test_pipelined_requests_are_answered_in_order(source: Source) -> None:
    requests = b""
    for _ in range(10):
        body = payload()
        requests += webhook(source, f"Content-Length: {len(body)}", body=body)
        requests += GET + b"\r\n" + b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n"
    with RawClient(source.gateway.address) as client:
        client.send(requests)
        for _ in range(10):
            first, second, third = client.response(), client.response(), client.response()
            assert first and json.loads(first.body)["outcome"] == "created", first
            assert second and second.status == 200 and b"outcome" not in second.body
            assert third and third.status in (401, 404)


def test_a_good_request_before_a_broken_one_is_answered(source: Source) -> None:
    body = payload()
    data = webhook(source, f"Content-Length: {len(body)}", body=body) + b"zebra\r\n\r\n"
    with RawClient(source.gateway.address, seconds=5) as client:
        client.send(data)
        first, second = client.response(), client.response()
        assert first and first.status == 200 and second and second.status == 400
        client.read_until_close()


def test_a_client_that_asks_is_told_to_go_on(source: Source) -> None:
    body = payload()
    with RawClient(source.gateway.address) as client:
        client.send(webhook(source, f"Content-Length: {len(body)}", "Expect: 100-continue"))
        answer = client.response()
        assert answer is not None and answer.status == 100
        client.send(body)
        answer = client.response()
        assert answer is not None and answer.status == 200


def test_a_client_that_may_not_is_not_told_to_go_on(source: Source) -> None:
    data = webhook(source, "Content-Length: 5", "Expect: 100-continue")
    answer = exchange(source.gateway.address, data.replace(source.secret.encode(), b"wrong"))
    assert answer is not None and answer.status == 401


def test_another_expectation_fails(source: Source) -> None:
    answer = exchange(source.gateway.address, webhook(source, "Content-Length: 0", "Expect: more"))
    assert answer is not None and answer.status in (400, 417)


@pytest.mark.parametrize("request_bytes", [GET + b"Connection: close\r\n\r\n", GOOD["HTTP/1.0"]])
def test_the_last_answer_is_followed_by_a_close(gateway: Gateway, request_bytes: bytes) -> None:
    with RawClient(gateway.address, seconds=5) as client:
        client.send(request_bytes)
        answer = client.response()
        assert answer is not None and answer.status == 200
        client.read_until_close()
