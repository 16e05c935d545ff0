"""TLS on the public listener: what is spoken, what is refused, and new certificates."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from conftest import connect
from payloads import new, new_id
from processes import Process, free_port
from tls import Certificate, TLSGateway
from waiting import eventually

GET = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path / "tls")


@pytest.fixture
def start(binary: str, tmp_path: Path) -> Iterator[Callable[..., TLSGateway]]:
    gateways: list[TLSGateway] = []

    def start(certificate: Certificate, **settings: str) -> TLSGateway:
        directory = tmp_path / f"gateway{len(gateways)}"
        directory.mkdir()
        gateways.append(TLSGateway(binary, directory, certificate, **settings))
        return gateways[-1].wait_until_ready()

    yield start
    for gateway in gateways:
        gateway.process.kill()


def answer(channel: socket.socket) -> bytes:
    """One answer in whole; a body of announced length."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += (piece := channel.recv(65536))
        assert piece, received
    head, body = received.split(b"\r\n\r\n", 1)
    length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    while len(body) < length:
        body += (piece := channel.recv(65536))
        assert piece, body
    return head + b"\r\n\r\n" + body


def test_a_webhook_comes_in_over_tls(
    start: Callable[..., TLSGateway], stub: Any, certificate: Certificate
) -> None:
    gateway = start(certificate)
    source = connect(gateway, stub).source
    assert source.callback_url.startswith(f"https://127.0.0.1:{gateway.port}/webhooks/")
    body = json.dumps(new(new_id()) | {"padding": "x" * 3_000_000})
    done = subprocess.run(
        ["curl", "-sS", "--fail", "--cacert", certificate.chain, "-d", "@-", "-H"]
        + ["Content-Type: application/json", "-H", f"Authorization: Bearer {source.secret}"]
        + [source.callback_url],
        input=body,
        capture_output=True,
        text=True,
    )
    assert json.loads(done.stdout)["outcome"] == "created", done
    ready = gateway.process.said()
    assert "PRIVATE KEY" not in ready
    status = subprocess.run(
        [gateway.binary, "healthcheck"], env=gateway.settings, capture_output=True, text=True
    )
    assert status.stdout.strip() == "ready", status


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_protocols_and_sessions(
    start: Callable[..., TLSGateway], certificate: Certificate, version: ssl.TLSVersion
) -> None:
    gateway = start(certificate)
    context = certificate.client()
    context.minimum_version = context.maximum_version = version
    context.set_alpn_protocols(["h2", "http/1.1"])
    with gateway.connect_tls(context) as channel:
        assert channel.selected_alpn_protocol() == "http/1.1"
        channel.sendall(GET)
        assert answer(channel).startswith(b"HTTP/1.1 200")
        session = channel.session
        assert session.has_ticket
        # The client ends its side; the answer to a whole request still comes, then the end.
        channel.sendall(GET)
        channel.shutdown(socket.SHUT_WR)
    with gateway.connect_tls(context, session) as channel:
        assert channel.session_reused
    context.set_alpn_protocols(["h2"])
    with pytest.raises(ssl.SSLError, match="(?i)no application protocol"):
        gateway.connect_tls(context)


def test_what_is_no_handshake(
    start: Callable[..., TLSGateway], certificate: Certificate
) -> None:
    gateway = start(certificate)
    with socket.create_connection(gateway.address, timeout=15) as channel:
        channel.sendall(GET)
        assert answer(channel).startswith(b"HTTP/1.1 400")
        assert channel.recv(1) == b""
    for garbage in (b"\x80\x2e\x01\x00\x02" + bytes(60), b"\x16\x03\x01\x00\x04\x09\x09\x09\x09"):
        with socket.create_connection(gateway.address, timeout=15) as channel:
            channel.sendall(garbage)
            received = channel.recv(100)
            assert received == b"" or received[0] == 21
            assert not received or channel.recv(100) == b""
    # Many that begin and go leave nothing behind.
    for _ in range(200):
        with socket.create_connection(gateway.address, timeout=15) as channel:
            channel.sendall(b"\x16\x03\x01\x01\x00\x01")
    assert gateway.get("/readyz")["checks"]["tls"] == "ok"


def test_new_certificates_under_traffic(
    start: Callable[..., TLSGateway], certificate: Certificate
) -> None:
    gateway = start(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    failures: list[BaseException] = []
    counts, over = [0, 0], threading.Event()

    def ask(number: int) -> None:
        try:
            kept = gateway.connect_tls(context)
            while not over.is_set():
                with gateway.connect_tls(context) as fresh:
                    for channel in (kept, fresh):
                        channel.sendall(GET)
                        assert answer(channel).startswith(b"HTTP/1.1 200")
                        counts[number] += 1
            kept.close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    first = gateway.served()
    # Looking at the files finds nothing new: only who was asked reads them again.
    gateway.process.send(signal.SIGHUP)
    eventually(lambda: "was read again" in gateway.process.said(), "SIGHUP is heard")
    certificate.make()
    gateway.process.send(signal.SIGHUP)
    eventually(lambda: gateway.served() == certificate.der != first, "SIGHUP is heeded")
    certificate.make()
    eventually(lambda: gateway.served() == certificate.der, "a change is seen")
    good = certificate.der
    certificate.key.write_text("nonsense")
    gateway.process.send(signal.SIGHUP)
    eventually(
        lambda: "GATEWAY_TLS_KEY" in gateway.get("/readyz")["checks"]["tls"], "it is shown"
    )
    assert gateway.served() == good
    certificate.make()
    certificate.key.chmod(0o644)
    gateway.process.send(signal.SIGHUP)
    eventually(
        lambda: "everybody can read" in gateway.get("/readyz")["checks"]["tls"], "it is shown"
    )
    assert gateway.served() == good
    certificate.key.chmod(0o640)
    eventually(lambda: gateway.served() == certificate.der, "it is mended")
    assert gateway.get("/readyz")["checks"]["tls"] == "ok"
    over.set()
    for thread in threads:
        thread.join()
    assert not failures and min(counts) > 10, (failures, counts)


def test_client_certificates(
    start: Callable[..., TLSGateway], certificate: Certificate, tmp_path: Path
) -> None:
    known, unknown = (Certificate(tmp_path / name) for name in ("known", "unknown"))
    gateway = start(certificate, GATEWAY_TLS_CLIENT_CA=str(known.chain))

    def ask(context: ssl.SSLContext) -> bytes:
        with gateway.connect_tls(context) as channel:
            channel.sendall(GET)
            return answer(channel)

    context = certificate.client()
    context.load_cert_chain(known.chain, known.key)
    assert ask(context).startswith(b"HTTP/1.1 200")
    for stranger in (certificate.client(), certificate.client()):
        with pytest.raises(ssl.SSLError):
            ask(stranger)
        stranger.load_cert_chain(unknown.chain, unknown.key)
        with pytest.raises(ssl.SSLError):
            ask(stranger)


def test_files_that_cannot_be_used(
    binary: str, certificate: Certificate, tmp_path: Path
) -> None:
    other = Certificate(tmp_path / "other")
    sealed = tmp_path / "sealed.pem"
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", other.key, "-out", sealed, "-passout", "pass:x"],
        check=True,
    )
    cases = {
        "GATEWAY_TLS_CERT": ("/nowhere.pem", str(certificate.key), "/nowhere.pem"),
        "GATEWAY_TLS_KEY": (str(certificate.chain), str(other.key), "does not belong"),
    }
    shown = tmp_path / "shown.pem"
    shown.write_bytes(certificate.key.read_bytes())
    shown.chmod(0o604)
    table = [
        *cases.items(),
        ("GATEWAY_TLS_KEY", (str(other.chain), str(sealed), "password")),
        ("GATEWAY_TLS_KEY", (str(certificate.chain), str(shown), f"chmod o-rwx {shown}")),
    ]
    for variable, (chain, key, words) in table:
        settings = {
            "GATEWAY_TLS_CERT": chain,
            "GATEWAY_TLS_KEY": key,
            "GATEWAY_LISTEN": f"127.0.0.1:{free_port()}",
        }
        process = Process([binary, "serve"], directory=tmp_path, name="bad", settings=settings)
        assert process.wait() == 78
        assert variable in process.said() and words in process.said(), process.said()


def test_an_end_in_sight_is_told(start: Callable[..., TLSGateway], tmp_path: Path) -> None:
    certificate = Certificate(tmp_path / "tls", days=90)
    gateway = start(certificate)
    assert gateway.get("/readyz")["checks"]["tls"] == "ok"
    assert re.search("ok    TLS certificate: it ends in (89|90) days", gateway.doctor())
    assert f"ok    file {certificate.key}: not everybody can read it" in gateway.doctor()
    # It lived for months, and has three days left.
    started = datetime.now(UTC) - timedelta(days=87, hours=1)
    certificate.make(90, not_before=started)
    gateway.process.send(signal.SIGHUP)
    eventually(lambda: "has to be renewed" in gateway.process.said(), "it is logged")
    words = "the TLS certificate ends in 2 days"
    assert gateway.get("/readyz")["checks"]["tls"] == f"warning: {words}"
    assert f"FAIL  TLS certificate: {words}; renew it" in gateway.doctor()
    text = gateway.api("GET", "/metrics").body.decode()
    [left] = re.findall(r"_tls_certificate_expiry_seconds (\d+)", text)
    assert 2 * 86_400 < int(left) <= 3 * 86_400


@pytest.mark.root
def test_a_key_of_another_user_that_everybody_can_read(
    start: Callable[..., TLSGateway], certificate: Certificate
) -> None:
    certificate.key.chmod(0o444)
    os.chown(certificate.key, 65534, 65534)
    gateway = start(certificate)
    told = "Everybody can read the key of the TLS certificate."
    eventually(lambda: told in gateway.process.said(), "it is logged")
    [line] = [line for line in gateway.process.said().splitlines() if told in line]
    assert str(certificate.key) in line and '"level":"warning"' in line
    assert f"FAIL  file {certificate.key}: everybody can read it" in gateway.doctor()


def test_a_scanner_finds_nothing(
    start: Callable[..., TLSGateway], certificate: Certificate, report: Callable[[str], None]
) -> None:
    authority = certificate.issue_by_authority()
    gateway = start(certificate)
    done = subprocess.run(
        [sys.executable, "-m", "sslyze", "--mozilla_config", "intermediate"]
        + ["--certinfo_ca_file", str(authority), f"localhost:{gateway.port}"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    verdict = done.stdout.split("COMPLIANCE")[1]
    assert "OK - Compliant" in verdict, done.stdout + done.stderr
    assert "VULNERABLE -" not in done.stdout, done.stdout
    report("sslyze: compliant with Mozilla intermediate, nothing vulnerable")
