"""What a connection over TLS lives through: cuts, half closes, proxies, storms and stops."""

import json
import random
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import connect
from gateway import Source
from haproxy import HAProxy
from journal import newest
from payloads import new, new_id
from processes import environment, free_port
from test_proxies import CLIENT, GOOD, PROXY, Client, webhook
from tls import Certificate, TLSGateway
from waiting import eventually
from wire_tls import ODD_LENGTHS, WireClient

GET = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"
# Connections of the storm, of each of its four kinds.
STORM = 250
HEAD_SECONDS = 10.0


@pytest.fixture
def gateway(binary: str, tmp_path: Path, request: Any) -> Iterator[TLSGateway]:
    settings = getattr(request, "param", {})
    (tmp_path / "gateway").mkdir()
    certificate = Certificate(tmp_path / "tls")
    gateway = TLSGateway(binary, tmp_path / "gateway", certificate, **settings)
    yield gateway.wait_until_ready()
    gateway.process.kill()


@pytest.fixture
def source(gateway: TLSGateway, stub: Any) -> Source:
    return connect(gateway, stub).source


def handshakes(gateway: TLSGateway) -> dict[str, int]:
    text = gateway.api("GET", "/metrics").body.decode()
    found = re.findall(r'_tls_handshakes_total{outcome="(\w+)"} (\d+)', text)
    assert len(found) == 10, text
    return {outcome: int(count) for outcome, count in found}


def test_a_large_body_in_odd_records(source: Source, gateway: TLSGateway) -> None:
    body = json.dumps(new(new_id()) | {"padding": "x" * 2_000_000}).encode()
    head = webhook(source, new_id()).split(b"\r\n\r\n")[0]
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    for seed, records in enumerate((ODD_LENGTHS, (16_384,), (4_099, 1))):
        with WireClient(gateway).handshake() as client:
            client.write(head + b"\r\n\r\n" + body, records=records)
            client.flush(seed=seed)
            answer = client.response()
            assert (answer.status, b"outcome" in answer.body) == (200, True), answer
    assert newest(gateway)["outcome"] == "duplicate"


def test_a_half_close(source: Source, gateway: TLSGateway) -> None:
    with WireClient(gateway).handshake() as client:
        client.write(webhook(source, new_id()))
        client.end()
        assert client.response().status == 200
        # And the gateway ends its side with a word of its own.
        assert not client.read_more() and client.received == b""
    incident_id = new_id()
    with WireClient(gateway).handshake() as client:
        client.write(webhook(source, incident_id)[:-10])
        client.end()
        while client.read_more():
            pass
        assert b"HTTP/1.1 200" not in client.received
    assert gateway.find_alert(incident_id) is None


@pytest.mark.parametrize("gateway", [{"GATEWAY_TRUSTED_PROXIES": PROXY}], indirect=True)
def test_a_preamble_stands_before_the_handshake(
    source: Source, gateway: TLSGateway, tmp_path: Path
) -> None:
    for name, (preamble, peer) in GOOD.items():
        with WireClient(gateway, before=preamble).handshake() as client:
            client.write(webhook(source, new_id()))
            client.flush()
            assert client.response().status == 200
            assert newest(gateway)["peer"] == peer, name
    for version in ("send-proxy", "send-proxy-v2"):
        server = f"{version} check-send-proxy ssl verify none"
        haproxy = HAProxy(tmp_path / version, gateway, server=server)
        try:
            with Client(haproxy.address, source, CLIENT) as client:
                assert client.post(("X-Forwarded-For", "6.6.6.6")) == CLIENT
        finally:
            haproxy.process.kill()
    assert handshakes(gateway)["malformed"] == 0
    with socket.create_connection(gateway.address, timeout=15) as client:
        client.sendall(b"PROXY TCP4 192.0.2.7\r\n" + GET)
        assert client.recv(1) == b""
    assert handshakes(gateway)["malformed"] == 1


def test_a_stop_on_an_inherited_socket(binary: str, tmp_path: Path) -> None:
    """systemd hands the listener over; what is under way is answered, and ends with its word."""
    certificate = Certificate(tmp_path / "tls")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        script = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "{binary}" serve'
        settings = {
            "GATEWAY_LISTEN": f"127.0.0.1:{free_port()}",
            "GATEWAY_TLS_CERT": str(certificate.chain), "GATEWAY_TLS_KEY": str(certificate.key),
        }
        with (tmp_path / "said").open("wb") as said:
            child = subprocess.Popen(
                ["bash", "-c", script], cwd=tmp_path, env=environment(tmp_path, settings),
                stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                pass_fds=(listener.fileno(),),
            )
        try:
            address = listener.getsockname()
            context = certificate.client()
            # The kernel takes connections before the process does.
            idle, busy = (
                context.wrap_socket(
                    socket.create_connection(address, timeout=15), server_hostname="localhost",
                    suppress_ragged_eofs=False,
                )
                for _ in range(2)
            )
            idle.sendall(GET)
            assert idle.recv(65_536).startswith(b"HTTP/1.1 200")
            busy.sendall(GET[:-2])
            child.send_signal(signal.SIGTERM)
            eventually(lambda: b"is stopping" in (tmp_path / "said").read_bytes(), "it stops")
            busy.sendall(GET[-2:])
            answer = busy.recv(65_536)
            while b"}}" not in answer:
                answer += (piece := busy.recv(65_536))
                assert piece
            assert answer.startswith(b"HTTP/1.1 503") and b"the gateway is stopping" in answer
            # Without its close_notify these would raise.
            for channel in (idle, busy):
                while channel.recv(65_536):
                    pass
            assert child.wait(timeout=10) == 0
        finally:
            child.kill()
            child.wait()


def test_a_storm_of_handshakes(
    source: Source, gateway: TLSGateway, report: Callable[[str], None]
) -> None:
    chance = random.Random(1)
    # Who looked whether the port is open.
    eventually(lambda: handshakes(gateway)["left"] == 1, "it is counted")
    before = handshakes(gateway)
    with WireClient(gateway) as probe:
        hello = probe.hello()
    sent: dict[str, Callable[[], bytes]] = {
        "silent": lambda: b"",
        "half a hello": lambda: hello[: chance.randrange(1, len(hello))],
        # Answered, and never finished.
        "a hello": lambda: hello,
        "garbage": lambda: b"\0" + chance.randbytes(60),
    }
    storm: dict[str, list[socket.socket]] = {kind: [] for kind in sent}
    started = time.monotonic()
    slowest = 0.0
    with WireClient(gateway).handshake() as kept:
        for number in range(STORM):
            for kind, make in sent.items():
                channel = socket.create_connection(gateway.address, timeout=30)
                channel.sendall(make())
                storm[kind].append(channel)
            if number % 25 == 0:
                slowest = max(slowest, served(kept, source))
        with WireClient(gateway).handshake() as fresh:
            slowest = max(slowest, served(fresh, source))
        open_seconds = time.monotonic() - started
        for channel in storm["garbage"]:
            assert ended(channel) < 100
        # Long before the slow ones' time is up, unless the machine is very busy.
        assert handshakes(gateway)["malformed"] - before["malformed"] == STORM
        for kind in ("silent", "half a hello", "a hello"):
            for channel in storm[kind]:
                ended(channel)
        assert time.monotonic() - started >= HEAD_SECONDS
        slowest = max(slowest, served(kept, source))
    counted = {key: value - before[key] for key, value in handshakes(gateway).items()}
    assert counted == {key: 0 for key in before} | {
        # The two that are served, and the one that only made a hello.
        "done": 2, "left": 1, "timed_out": 3 * STORM, "malformed": STORM,
    }
    assert slowest < HEAD_SECONDS, slowest
    report(
        f"{4 * STORM} broken and slow handshakes in {open_seconds:.1f} s; a webhook meanwhile took "
        f"at most {slowest * 1000:.0f} ms"
    )


def served(client: WireClient, source: Source) -> float:
    started = time.monotonic()
    client.write(webhook(source, new_id()))
    client.flush()
    assert client.response().status == 200
    return time.monotonic() - started


def ended(channel: socket.socket) -> int:
    """Reads to the end, which comes within the socket's own time; how many bytes there were."""
    count = 0
    with channel:
        try:
            while piece := channel.recv(65_536):
                count += len(piece)
        except ConnectionResetError:
            pass  # It had sent what nobody read any more.
    return count


def test_probes_where_clients_need_certificates(
    binary: str, tmp_path: Path, stub: Any
) -> None:
    certificate, known = (Certificate(tmp_path / name) for name in ("tls", "known"))
    (tmp_path / "gateway").mkdir()
    settings = {"GATEWAY_TLS_CLIENT_CA": str(known.chain)}
    gateway = TLSGateway(binary, tmp_path / "gateway", certificate, **settings)
    try:
        gateway.wait_until_ready()
        # By HTTP on the admin listener, which is plain; or by the program itself, which goes there.
        assert gateway.get("/readyz")["status"] == "ready"
        assert gateway.get("/healthz")["status"] == "ok"
        assert healthcheck(gateway).stdout == "ready\n"
        without = {key: value for key, value in gateway.settings.items() if "ADMIN" not in key}
        refused = healthcheck(gateway, without)
        assert refused.returncode == 1 and "GATEWAY_ADMIN_LISTEN" in refused.stderr, refused
        with pytest.raises(ssl.SSLError):
            with gateway.connect_tls() as channel:
                channel.sendall(GET)
                channel.recv(1)
        eventually(lambda: handshakes(gateway)["client_certificate"] == 1, "it is counted")
        context = certificate.client()
        context.load_cert_chain(known.chain, known.key)
        source = connect(gateway, stub).source
        with WireClient(gateway, context=context).handshake() as client:
            served(client, source)
    finally:
        gateway.process.kill()


def healthcheck(
    gateway: TLSGateway, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [gateway.binary, "healthcheck"], capture_output=True, text=True, timeout=30,
        env=environment(gateway.directory, settings or gateway.settings),
    )
