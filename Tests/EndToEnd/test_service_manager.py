"""What a service manager hears of the gateway, and when."""

import os
import signal
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import Gateway
from http_client import request
from processes import Process, free_port
from service_manager import ServiceManager
from waiting import eventually, stays

WATCHDOG_SECONDS = 0.4
PINGS = 6


@pytest.fixture
def manager(request: pytest.FixtureRequest) -> Iterator[ServiceManager]:
    # Such a path has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="gw") as directory:
        is_abstract = getattr(request, "param", "path") == "abstract"
        name = f"@gateway-test-{uuid.uuid4()}" if is_abstract else f"{directory}/notify"
        manager = ServiceManager(name)
        yield manager
        manager.close()


def settings(manager: ServiceManager, **more: str) -> dict[str, str]:
    microseconds = str(int(WATCHDOG_SECONDS * 1_000_000))
    return {"NOTIFY_SOCKET": manager.address, "WATCHDOG_USEC": microseconds} | more


@pytest.mark.parametrize("manager", ["path", "abstract"], indirect=True)
def test_a_life_is_told(
    manager: ServiceManager, binary: str, tmp_path: Path, report: Callable[[str], None]
) -> None:
    port = free_port()
    listen = {"GATEWAY_LISTEN": f"127.0.0.1:{port}"}
    process = Process(
        [binary, "serve"],
        directory=tmp_path,
        name="gateway",
        settings=settings(manager, **listen),
    )
    try:
        eventually(lambda: "READY=1" in manager.read(), "it says that it is ready")
        # Whoever waited for that word needs to wait for nothing else.
        assert request(("127.0.0.1", port), "GET", "/healthz").status == 200
        assert manager.status() == f"Serving on 127.0.0.1:{port}."
        first = time.monotonic()
        before = manager.count("WATCHDOG=1")
        eventually(lambda: manager.count("WATCHDOG=1") >= before + PINGS, "it pings")
        interval = (time.monotonic() - first) / PINGS
        # A busy machine makes them late, and nothing makes them early.
        assert interval > WATCHDOG_SECONDS / 2 * 0.7, interval
        assert "STOPPING=1" not in manager.read()
        process.send(signal.SIGTERM)
        eventually(lambda: "STOPPING=1" in manager.read(), "it says that it stops")
        process.assert_running()
        assert process.wait() == 0
        told = manager.read()
        assert "READY=1" not in told[told.index("STOPPING=1") :], told
        report(f"WatchdogSec={WATCHDOG_SECONDS:g}: a ping every {interval * 1000:.0f} ms")
    finally:
        process.kill()


def test_why_it_is_not_ready_is_told(
    start_gateway: Callable[..., Gateway], manager: ServiceManager
) -> None:
    gateway = start_gateway(**settings(manager))
    database = gateway.data / "gateway.db"
    database.rename(gateway.data / "away.db")
    # The next webhook would show it; so does any write.
    gateway.api("POST", "/v1/sources", {"name": "a", "integration_id": "int_none"})
    problem = eventually(lambda: not_ready(gateway), "it finds that the store is gone")
    eventually(lambda: manager.status() == f"Not ready: {problem}", "it says so")
    assert manager.read()[-1] != "STOPPING=1"
    (gateway.data / "away.db").rename(database)
    eventually(lambda: manager.status().startswith("Serving on "), "it says that all is well")


def not_ready(gateway: Gateway) -> str | None:
    answer = request(gateway.address, "GET", "/readyz")
    return None if answer.status == 200 else answer.json()["checks"]["store"]


def test_a_process_that_hangs_does_not_ping(
    start_gateway: Callable[..., Gateway], manager: ServiceManager
) -> None:
    gateway = start_gateway(**settings(manager))
    os.kill(gateway.process.pid, signal.SIGSTOP)
    try:
        eventually(lambda: is_stopped(gateway.process), "it is stopped")
        manager.forget()
        stays(lambda: not manager.read(), "nothing is heard of it", WATCHDOG_SECONDS * 3)
    finally:
        os.kill(gateway.process.pid, signal.SIGCONT)
    eventually(lambda: "WATCHDOG=1" in manager.read(), "it pings again")


def is_stopped(process: Process) -> bool:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


@pytest.mark.parametrize("watchdog", ["0", "20000"], ids=["unwatched", "watched"])
def test_a_manager_that_does_not_read_holds_nothing_up(
    start_gateway: Callable[..., Gateway], manager: ServiceManager, watchdog: str
) -> None:
    """Its queue holds a few datagrams; then the gateway must neither wait nor forget."""
    manager.fill()
    gateway = start_gateway(**settings(manager, WATCHDOG_USEC=watchdog))
    eventually(lambda: "could not be told" in gateway.process.said(), "the queue is full")
    assert request(gateway.address, "GET", "/healthz").status == 200
    assert "FILLER=1" in manager.read()
    eventually(lambda: "READY=1" in manager.read(), "it is told in the end")
    assert manager.status().startswith("Serving on ")
    assert gateway.process.said().count("could not be told") <= 3, "each failure is logged"


@pytest.mark.parametrize("address", ["relative", "vsock:2:1234", "/nobody-listens-here"])
def test_without_anybody_to_tell_it_serves_all_the_same(
    start_gateway: Callable[..., Gateway], address: str
) -> None:
    gateway = start_gateway(NOTIFY_SOCKET=address)
    eventually(lambda: "service manager c" in gateway.process.said(), "the log says so")


def test_commands_tell_nothing(manager: ServiceManager, binary: str, tmp_path: Path) -> None:
    process = Process(
        [binary, "version"], directory=tmp_path, name="version", settings=settings(manager)
    )
    assert process.wait() == 0
    assert manager.read() == []
