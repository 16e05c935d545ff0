"""Clients that stop, drip, vanish or crowd in."""

import json
import time
from pathlib import Path

import pytest

from gateway import Gateway, Source
from http_client import request
from payloads import EPOCH, new, new_id
from raw_socket import RawClient, exchange
from test_http_requests import GET, payload, webhook
from waiting import POLL_SECONDS, eventually

# The promise is 10 s for a request's head; the rest is the machine's.
HEAD_SECONDS_MAX = 13.0


def test_a_half_closed_client_is_answered(source: Source) -> None:
    body = payload()
    data = webhook(source, f"Content-Length: {len(body)}", body=body)
    answer = exchange(source.gateway.address, data, half_close=True)
    assert answer is not None and json.loads(answer.body)["outcome"] == "created", answer


@pytest.mark.parametrize("cut", [1, 40, 120, -100, -1])
def test_a_request_cut_off_by_a_half_close_is_not_processed(source: Source, cut: int) -> None:
    body = payload()
    data = webhook(source, f"Content-Length: {len(body)}", body=body)[:cut]
    with RawClient(source.gateway.address, seconds=5) as client:
        client.send(data)
        client.half_close()
        answer = client.response()
        assert answer is None or answer.status in (400, 408), answer
        client.read_until_close()
    assert source.gateway.items("/v1/alerts") == []


def test_a_client_that_vanishes_leaves_nothing_behind(source: Source) -> None:
    body = payload()
    whole = webhook(source, f"Content-Length: {len(body)}", body=body)
    for cut in range(1, len(whole) - 1, 37):
        with RawClient(source.gateway.address) as client:
            client.send(whole[:cut])
    assert source.post(new(new_id())).status == 200
    assert len(source.gateway.items("/v1/alerts")) == 1


def test_a_client_that_does_not_wait_for_its_answer_is_still_heard(source: Source) -> None:
    """What was whole counts, read or not."""
    incident_id = new_id()
    body = json.dumps(new(incident_id, EPOCH)).encode()
    with RawClient(source.gateway.address) as client:
        client.send(webhook(source, f"Content-Length: {len(body)}", body=body))
        # Until the answer is on its way; then gone without reading it.
        eventually(lambda: source.gateway.find_alert(incident_id), "the webhook was stored")
    assert source.post(new(new_id())).status == 200


def assert_cut_off(client: RawClient, started: float) -> None:
    answer = client.response()
    assert answer is None or answer.status == 408, answer
    client.read_until_close()
    seconds = time.monotonic() - started
    assert seconds <= HEAD_SECONDS_MAX, f"cut off after {seconds:.1f} s"


@pytest.mark.slow
def test_a_head_that_never_ends_is_cut_off(gateway: Gateway) -> None:
    """Three kinds at once, so that one wait is enough."""
    started = time.monotonic()
    heads = [b"G", GET, GET + b"A: b"]
    clients = [RawClient(gateway.address, seconds=HEAD_SECONDS_MAX + 5) for _ in heads]
    for client, data in zip(clients, heads):
        client.send(data)
    assert request(gateway.address, "GET", "/healthz").status == 200
    for client in clients:
        with client:
            assert_cut_off(client, started)


@pytest.mark.slow
def test_a_head_that_drips_is_cut_off(gateway: Gateway) -> None:
    """Each byte comes in time; the whole does not."""
    started = time.monotonic()
    with RawClient(gateway.address, seconds=HEAD_SECONDS_MAX + 5) as client:
        client.send(GET + b"A: ")

        def is_cut_off() -> bool:
            client.socket.settimeout(POLL_SECONDS)
            try:
                return not client.socket.recv(4096) or True
            except TimeoutError:
                return not client.send(b"b")
            except ConnectionResetError:
                return True

        eventually(is_cut_off, "the dripping client is cut off", HEAD_SECONDS_MAX)
        assert time.monotonic() - started <= HEAD_SECONDS_MAX


def test_silent_clients_do_not_stop_the_others(gateway: Gateway) -> None:
    clients = [RawClient(gateway.address) for _ in range(300)]
    try:
        for number, client in enumerate(clients):
            client.send(GET[: number % len(GET)])
        for _ in range(20):
            started = time.monotonic()
            assert request(gateway.address, "GET", "/healthz").status == 200
            assert time.monotonic() - started < 2
    finally:
        for client in clients:
            client.socket.close()
    assert request(gateway.address, "GET", "/readyz").status == 200


@pytest.mark.root
def test_descriptors_come_back(gateway: Gateway) -> None:
    def open_descriptors() -> int:
        return len(list(Path(f"/proc/{gateway.process.pid}/fd").iterdir()))

    request(gateway.address, "GET", "/healthz")
    before = open_descriptors()
    for _ in range(3):
        clients = [RawClient(gateway.address) for _ in range(100)]
        for client in clients:
            client.send(GET)
        for client in clients:
            client.socket.close()
    eventually(lambda: open_descriptors() <= before + 1, f"back to {before} descriptors")


def test_a_client_that_never_reads_is_held_back(gateway: Gateway) -> None:
    """Its answers must not pile up in memory."""
    before = gateway.process.resident_kib()
    with RawClient(gateway.address, seconds=5) as client:
        client.socket.settimeout(1)
        flood = (GET + b"\r\n") * 20_000
        try:
            client.socket.sendall(flood)
        except (TimeoutError, BrokenPipeError, ConnectionResetError):
            pass  # It stopped reading, or cut the client off: both are right.
        assert request(gateway.address, "GET", "/healthz").status == 200
        grown = gateway.process.resident_kib() - before
    assert grown < 16 * 1024, f"{grown} KiB more"
