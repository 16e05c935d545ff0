"""Whose address the journal shows behind proxies, and that nobody can make one up."""

import http.client
import json
import struct
from collections.abc import Callable
from typing import Any

import pytest

from conftest import connect
from gateway import Gateway, Source
from haproxy import HAProxy
from http_client import Address, read_response
from journal import newest
from payloads import new, new_id
from raw_socket import RawClient

# HAProxy, and who speaks to the gateway in its place, comes from here; clients from elsewhere.
PROXY = "127.0.0.1"
CLIENT, OTHER_CLIENT = "127.0.0.9", "127.0.0.10"

SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.fixture
def source(start_gateway: Callable[..., Gateway], stub: Any) -> Source:
    return connect(start_gateway(GATEWAY_TRUSTED_PROXIES=PROXY), stub).source


class Client:
    """A kept-alive connection from an address of its own."""

    def __init__(self, address: Address, source: Source, own: str) -> None:
        host, port = address
        self._source = source
        self._channel = http.client.HTTPConnection(
            host, port, timeout=15, source_address=(own, 0)
        )

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._channel.close()

    def post(self, *fields: tuple[str, str]) -> str:
        """Sends a webhook, which must be taken in, and tells whom the journal names."""
        incident_id = new_id()
        body = json.dumps(new(incident_id)).encode()
        self._channel.putrequest("POST", self._source.path)
        for name, value in (
            ("Authorization", f"Bearer {self._source.secret}"),
            ("Content-Type", "application/json"),
            ("Content-Length", str(len(body))),
            *fields,
        ):
            self._channel.putheader(name, value)
        self._channel.endheaders(body)
        answer = read_response(self._channel)
        assert answer.status == 200, answer
        delivery = newest(self._source.gateway)
        assert delivery["incident_id"] == incident_id, delivery
        return delivery["peer"]


LIES = [
    ("X-Forwarded-For", "6.6.6.6"),
    ("Forwarded", "for=6.6.6.6"),
    ("X-Forwarded-For", "6.6.6.6, 127.0.0.1"),
    ("Forwarded", 'for=6.6.6.6;by="'),
]

WAYS = {
    "a field": {"options": "option forwardfor"},
    # The other field is left to the client by who writes this one, unless it takes it away.
    "the standard's field": {
        "options": "http-request del-header X-Forwarded-For\n"
        "    http-request set-header Forwarded for=%[src]"
    },
    "version 1": {"server": "send-proxy check-send-proxy"},
    "version 2": {"server": "send-proxy-v2 check-send-proxy"},
    "version 2 with additions": {
        "server": "send-proxy-v2 check-send-proxy proxy-v2-options crc32c,unique-id"
    },
    "version 2 and a field": {
        "options": "option forwardfor",
        "server": "send-proxy-v2 check-send-proxy",
    },
}


@pytest.mark.parametrize("way", WAYS)
def test_the_peer_is_the_client_of_haproxy(
    source: Source, start_haproxy: Callable[..., HAProxy], way: str
) -> None:
    haproxy = start_haproxy(source.gateway, **WAYS[way])
    with (
        Client(haproxy.address, source, CLIENT) as one,
        Client(haproxy.address, source, OTHER_CLIENT) as other,
    ):
        for _ in range(3):
            assert (one.post(), other.post()) == (CLIENT, OTHER_CLIENT)
        for lie in LIES:
            assert one.post(lie) == CLIENT, lie
        assert one.post(*LIES) == CLIENT
    refused = int(haproxy.figures(0)["econ"]) + int(haproxy.figures(0)["chkfail"])
    assert refused == 0, haproxy.figures(0)


def test_who_is_no_proxy_is_not_believed(source: Source) -> None:
    with Client(source.gateway.address, source, CLIENT) as client:
        for lie in LIES:
            assert client.post(lie) == CLIENT, lie
        assert client.post(*LIES) == CLIENT
    for preamble in (b"PROXY TCP4 6.6.6.6 127.0.0.1 1 2\r\n", version2(0x20)):
        with RawClient(source.gateway.address, own=CLIENT) as client:
            client.send(preamble + webhook(source, new_id()))
            answer = client.response()
            assert answer is not None and answer.status == 400, answer
            client.half_close()
            assert client.read_until_close() == b""


def version2(command: int, family: int = 0, content: bytes = b"") -> bytes:
    return SIGNATURE + struct.pack("!BBH", command, family, len(content)) + content


IPV6 = bytes.fromhex("20010db8" + "0" * 22 + "07" + "0" * 31 + "1") + struct.pack("!HH", 4711, 80)

GOOD = {
    "a line for IPv6": (b"PROXY TCP6 2001:db8::7 ::1 4711 80\r\n", "2001:db8::7"),
    "a line for nobody known": (b"PROXY UNKNOWN\r\n", PROXY),
    "a block for IPv6": (version2(0x21, 0x21, IPV6), "2001:db8::7"),
    "a block with additions": (version2(0x21, 0x21, IPV6 + b"\xee\0\3abc"), "2001:db8::7"),
    "a block for a Unix socket": (version2(0x21, 0x31, bytes(216)), "unix"),
    "a block for the proxy": (version2(0x20), PROXY),
    "none": (b"", PROXY),
}


def webhook(source: Source, incident_id: str) -> bytes:
    body = json.dumps(new(incident_id)).encode()
    head = (
        f"POST {source.path} HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {source.secret}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.mark.parametrize("name", GOOD)
def test_a_preamble_of_a_proxy_is_believed(source: Source, name: str) -> None:
    preamble, peer = GOOD[name]
    with RawClient(source.gateway.address, own=PROXY) as client:
        for preface in (preamble, b""):
            incident_id = new_id()
            client.send(preface + webhook(source, incident_id))
            answer = client.response()
            assert answer is not None and answer.status == 200, answer
            delivery = newest(source.gateway)
            assert (delivery["incident_id"], delivery["peer"]) == (incident_id, peer)


BAD = [
    b"PROXY TCP4 192.0.2.7\r\n",
    b"PROXY " + b"x" * 200,
    version2(0x31, 0x11, bytes(12)),
    version2(0x21, 0x11, bytes(11)),
    SIGNATURE + b"\x21\x11\xff\xff",
]


def test_a_malformed_preamble_gets_no_answer(source: Source) -> None:
    for preamble in BAD:
        with RawClient(source.gateway.address, own=PROXY) as client:
            client.send(preamble + webhook(source, new_id()))
            assert client.read_until_close() == b"", preamble
    assert source.gateway.items("/v1/deliveries") == []
