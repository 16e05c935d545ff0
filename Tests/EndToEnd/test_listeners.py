"""Where the gateway listens: two TCP listeners, Unix sockets, inherited sockets."""

import json
import os
import re
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from http_client import request
from payloads import new, new_id
from processes import environment, free_port
from waiting import eventually


def test_the_admin_listener_takes_the_api_away_from_the_public_one(
    start_gateway: Any, stub: Any
) -> None:
    admin_port = free_port()
    gateway = start_gateway(GATEWAY_ADMIN_LISTEN=f"127.0.0.1:{admin_port}")
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    assert source.callback_url.startswith(f"http://127.0.0.1:{gateway.port}/")
    source.fire(new(new_id()))
    assert len(gateway.items("/v1/alerts")) == 1
    # The connection that asks is one of the admin listener.
    metrics = gateway.api("GET", "/metrics").body.decode()
    assert re.search(r"^bigpanda_gateway_connections [1-9]", metrics, re.MULTILINE), metrics

    for path in ("/healthz", "/readyz"):
        assert request(gateway.address, "GET", path).status == 200
    for path in ("/v1/alerts", "/v1/integrations", "/metrics", "/openapi.json", "/", "/alerts"):
        answer = request(gateway.address, "GET", path, token=gateway.token)
        assert answer.status == 404, (path, answer)
    answer = request(
        gateway.address, "POST", "/v1/sources", json={"name": "a"}, token=gateway.token
    )
    assert answer.status == 404, answer


def answers_on(path: str) -> bool:
    try:
        return request(path, "GET", "/readyz").status == 200
    except OSError:
        return False


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A directory whose name leaves room: a socket's path has at most 107 bytes."""
    with tempfile.TemporaryDirectory(prefix="gw") as directory:
        yield Path(directory)


def serving(binary: str, directory: Path, settings: dict[str, str], **options: Any) -> Any:
    return subprocess.Popen(
        [binary, "serve"],
        cwd=directory,
        env=environment(directory, settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )


def test_a_unix_socket(binary: str, short_path: Path) -> None:
    path = str(short_path / "gateway.sock")
    settings = {"GATEWAY_LISTEN": f"unix:{path}", "GATEWAY_PUBLIC_URL": "https://gw.example"}
    child = serving(binary, short_path, settings)
    try:
        eventually(lambda: answers_on(path), "it answers on the socket")
        assert stat.S_ISSOCK(os.stat(path).st_mode)
        token = (short_path / "data/admin-token").read_text().strip()
        assert request(path, "GET", "/v1/alerts", token=token).json()["items"] == []
        assert request(path, "GET", "/v1/alerts").status == 401
    finally:
        child.terminate()
        assert child.wait(timeout=10) == 0
    assert not os.path.exists(path), "the socket's file stays behind"


def test_a_socket_file_left_by_a_crash_is_no_obstacle(binary: str, short_path: Path) -> None:
    path = str(short_path / "gateway.sock")
    settings = {"GATEWAY_LISTEN": f"unix:{path}", "GATEWAY_PUBLIC_URL": "https://gw.example"}
    child = serving(binary, short_path, settings)
    eventually(lambda: answers_on(path), "it answers on the socket")
    child.kill()
    child.wait()
    assert os.path.exists(path)
    child = serving(binary, short_path, settings)
    try:
        eventually(lambda: answers_on(path), "it answers again")
    finally:
        child.terminate()
        assert child.wait(timeout=10) == 0


def test_a_unix_socket_for_the_admin(binary: str, short_path: Path) -> None:
    port, path = free_port(), str(short_path / "admin.sock")
    settings = {"GATEWAY_LISTEN": f"127.0.0.1:{port}", "GATEWAY_ADMIN_LISTEN": f"unix:{path}"}
    child = serving(binary, short_path, settings)
    try:
        eventually(lambda: answers_tcp(port), "it answers")
        token = (short_path / "data/admin-token").read_text().strip()
        assert request(path, "GET", "/v1/alerts", token=token).status == 200
        assert request(("127.0.0.1", port), "GET", "/v1/alerts", token=token).status == 404
    finally:
        child.terminate()
        assert child.wait(timeout=10) == 0


def answers_tcp(port: int, host: str = "127.0.0.1") -> bool:
    try:
        return request((host, port), "GET", "/readyz").status == 200
    except OSError:
        return False


def test_an_inherited_socket(binary: str, tmp_path: Path) -> None:
    """systemd hands the listener over as descriptor 3 and says so in two variables."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        # The shell keeps its process id across exec, which the variable must name.
        script = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "{binary}" serve'
        child = subprocess.Popen(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment(tmp_path, {"GATEWAY_LISTEN": f"127.0.0.1:{free_port()}"}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(listener.fileno(),),
        )
        try:
            eventually(lambda: answers_tcp(port), "it answers on the inherited socket")
        finally:
            child.terminate()
            assert child.wait(timeout=10) == 0


def test_an_ipv6_address(binary: str, tmp_path: Path) -> None:
    if not socket.has_ipv6 or not ipv6_works():
        pytest.skip("this machine has no IPv6")
    port = free_port()
    child = serving(binary, tmp_path, {"GATEWAY_LISTEN": f"[::1]:{port}"})
    try:
        eventually(lambda: answers_tcp(port, "::1"), "it answers on IPv6")
        answer = request(("::1", port), "GET", "/healthz")
        assert isinstance(json.loads(answer.body), dict)
    finally:
        child.terminate()
        assert child.wait(timeout=10) == 0


def ipv6_works() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False
