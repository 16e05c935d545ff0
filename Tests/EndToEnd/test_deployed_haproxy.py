"""HAProxy as `deploy/container/haproxy.cfg` sets it up: TLS, webhooks through, nothing else."""

import http.client
import json
import ssl
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import connect
from gateway import Gateway, Source
from haproxy import listener, program
from http_client import Response, read_response
from journal import newest
from payloads import new, new_id
from processes import Process
from waiting import eventually

CONFIGURATION = Path(__file__).parents[2] / "deploy/container/haproxy.cfg"
CLIENT = "127.0.0.9"


@pytest.fixture
def source(start_gateway: Callable[..., Gateway], stub: Any) -> Source:
    return connect(start_gateway(GATEWAY_TRUSTED_PROXIES="127.0.0.1"), stub).source


def certificate(directory: Path) -> Path:
    key, chain, both = (directory / name for name in ("key.pem", "chain.pem", "tls.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        + ["-nodes", "-subj", "/CN=gateway", "-days", "2", "-keyout", key, "-out", chain],
        check=True,
        capture_output=True,
    )
    both.write_bytes(chain.read_bytes() + key.read_bytes())
    return both


@pytest.fixture
def port(source: Source, tmp_path: Path) -> Iterator[int]:
    """Where it serves; with another address, certificate and gateway than in a container."""
    with listener() as bound:
        text = CONFIGURATION.read_text()
        for old, new_text in (
            ("bind :8443", f"bind fd@{bound.fileno()}"),
            ("/run/secrets/tls.pem", str(certificate(tmp_path))),
            (
                "server-template gateway 2 gateway:8080 resolvers names init-addr last,libc,none",
                f"server gateway 127.0.0.1:{source.gateway.port}",
            ),
            (
                "server-template admin 2 gateway:8081 resolvers names init-addr last,libc,none",
                f"server admin 127.0.0.1:{source.gateway.port} port {source.gateway.port}",
            ),
        ):
            assert text.count(old) == 1, old
            text = text.replace(old, new_text)
        (tmp_path / "haproxy.cfg").write_text(text)
        process = Process(
            [program(), "-db", "-f", "haproxy.cfg"],
            directory=tmp_path,
            name="haproxy",
            pass_fds=(bound.fileno(),),
        )
        port = bound.getsockname()[1]
    try:
        eventually(lambda: call(port, "GET", "/readyz").status == 200, "it lets /readyz through")
        yield port
        process.assert_running()
        assert "WARNING" not in process.said(), process.said()
    finally:
        process.kill()


def call(
    port: int, method: str, path: str, fields: dict[str, str] | None = None, body: bytes = b""
) -> Response:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    channel = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=15, context=context, source_address=(CLIENT, 0)
    )
    try:
        channel.request(method, path, body=body or None, headers=fields or {})
        return read_response(channel)
    finally:
        channel.close()


def test_webhooks_go_through_under_the_address_of_their_sender(source: Source, port: int) -> None:
    fields = {"Authorization": f"Bearer {source.secret}", "Content-Type": "application/json"}
    for lie in ({}, {"X-Forwarded-For": "6.6.6.6"}, {"Forwarded": "for=6.6.6.6"}):
        incident_id = new_id()
        body = json.dumps(new(incident_id)).encode()
        answer = call(port, "POST", source.path, fields | lie, body)
        assert answer.status == 200, answer
        delivery = newest(source.gateway)
        assert (delivery["incident_id"], delivery["peer"]) == (incident_id, CLIENT)
    fields["Authorization"] = "Bearer wrong"
    assert call(port, "POST", source.path, fields, b"{}").status == 401


def test_the_api_does_not(source: Source, port: int) -> None:
    fields = {"Authorization": f"Bearer {source.gateway.token}"}
    for path in ("/v1/alerts", "/metrics", "/", "/webhooks/../v1/alerts", "//v1/alerts"):
        answer = call(port, "GET", path, fields)
        assert answer.status == 404, (path, answer)
        assert b"items" not in answer.body
