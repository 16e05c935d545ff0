"""A BigPanda that answers what it should not: the close stays owed, the gateway stays small."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import Gateway
from http_client import assert_problem, request
from payloads import EPOCH, new
from stub import Stub
from waiting import eventually

MEMORY_GROWTH_KIB_MAX = 16 << 10
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"

Answer = Callable[[socket.socket, threading.Event], None]


def html(channel: socket.socket, _: threading.Event) -> None:
    page = b"<html><body>Please log in to the hotel's network</body></html>"
    channel.sendall(HEAD % (b"text/html", len(page)) + page)


def flood(channel: socket.socket, _: threading.Event) -> None:
    """32 MiB, which is as much of an answer as nobody needs."""
    channel.sendall(HEAD % (b"application/json", 32 << 20))
    for _ in range(32):
        channel.sendall(b" " * (1 << 20))


def drip(channel: socket.socket, is_over: threading.Event) -> None:
    """A byte now and then, never enough to be done."""
    channel.sendall(HEAD % (b"application/json", 1 << 20))
    while not is_over.wait(0.2):
        channel.sendall(b" ")


def hang(_: socket.socket, is_over: threading.Event) -> None:
    is_over.wait(120)


class StrangeBigPanda:
    """Reads a request and answers as told; with a certificate, over TLS."""

    def __init__(self, port: int, answer: Answer, context: ssl.SSLContext | None = None) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self._answer = answer
        self._context = context
        self._is_over = threading.Event()
        self.port = self._listener.getsockname()[1]
        self.calls = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(channel,), daemon=True).start()

    def _serve(self, channel: socket.socket) -> None:
        # Whoever is called strange is also hung up on.
        try:
            channel.settimeout(30)
            if self._context:
                channel = self._context.wrap_socket(channel, server_side=True)
            if channel.recv(65536):
                self.calls += 1
                self._answer(channel, self._is_over)
        except OSError:
            pass
        finally:
            channel.close()

    def stop(self) -> None:
        self._is_over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.mark.parametrize("answer", [html, flood, drip, hang])
@pytest.mark.root
def test_the_close_stays_owed(
    start_gateway: Callable[..., Gateway],
    binary: str,
    tmp_path: Path,
    answer: Answer,
    report: Callable[[str], None],
) -> None:
    gateway = start_gateway()
    stub = Stub(binary, tmp_path / "before")
    connected = gateway.connect(stub)
    assert connected.status == 201, connected
    source = gateway.create_source(connected.json()["id"])
    stub.process.kill()
    strange = StrangeBigPanda(stub.port, answer)
    alert_id = source.fire(new("strange", EPOCH))
    memory = gateway.process.resident_kib()
    gateway.process.forget_most_resident()
    gateway.resolve(alert_id)
    eventually(lambda: strange.calls > 0, "it is called")

    def is_told() -> bool:
        started = time.monotonic()
        assert request(gateway.address, "GET", "/healthz").status == 200
        assert time.monotonic() - started < 2
        close = gateway.close_of(alert_id)
        assert close["state"] in ("pending", "sending"), close
        return bool(close["last_error"])

    eventually(is_told, "why it is still owed", 60)
    assert gateway.alert(alert_id)["status"] == "resolved"
    most = gateway.process.most_resident_kib() - memory
    strange.stop()
    report(f"BigPanda answers {answer.__name__}: {most / 1024:.1f} MiB more")
    assert most <= MEMORY_GROWTH_KIB_MAX, f"{most} KiB more"

    stub = Stub(binary, tmp_path / "after", port=stub.port, key=stub.key)
    stub.create(id="strange", share=False)
    gateway.wait_for_close(alert_id, "confirmed", 90)
    stub.process.kill()


@pytest.fixture(params=["self-signed", "expired"])
def secured(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StrangeBigPanda]:
    """An HTTPS server whose certificate nobody vouches for."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    wish, days = tmp_path / "wish.pem", {"self-signed": "1", "expired": "-1"}[request.param]
    for command in (
        f"openssl req -new -newkey rsa:2048 -nodes -subj /CN=localhost -keyout {key} -out {wish}",
        f"openssl x509 -req -in {wish} -signkey {key} -days {days} -out {certificate}",
    ):
        subprocess.run(command.split(), check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = StrangeBigPanda(0, html, context)
    yield server
    server.stop()


def test_a_certificate_that_does_not_hold_is_refused(
    gateway: Gateway, secured: StrangeBigPanda
) -> None:
    key = "BPU-" + "s3cret" * 5
    gateway.secrets.add(key)
    body = {
        "name": "production",
        "api_key": key,
        "base_url": f"https://localhost:{secured.port}",
    }
    answer = gateway.api("POST", "/v1/integrations", body)
    problem = assert_problem(answer, 503, "bigpanda_unreachable")
    assert "certificate" in problem["detail"].lower(), problem
    assert gateway.items("/v1/integrations") == [], "something was stored"
    assert secured.calls == 0, "the key was sent to a stranger"
