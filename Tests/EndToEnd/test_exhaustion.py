"""Descriptors run out, signals come under load: who is in is served, nothing is lost."""

import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Connected
from gateway import Gateway, Source
from http_client import request
from payloads import EPOCH, new, new_id
from processes import Process
from slow_clients import webhook_head
from storm import Storm
from waiting import eventually, stays

DESCRIPTORS_MAX = 256
CONNECTIONS = 356
GET = b"GET /healthz HTTP/1.1\r\nHost: gateway\r\n\r\n"


@pytest.fixture(autouse=True)
def enough_descriptors() -> None:
    """Here and, by inheritance, in the gateway: thousands of connections are held at both ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))


def descriptors(process: Process) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


def processor_seconds(process: Process) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def connected_socket(gateway: Gateway, seconds: float = 10.0) -> socket.socket:
    return socket.create_connection(gateway.address, timeout=seconds)


def is_closed(client: socket.socket) -> bool:
    """Whether the other end is closed, of a client to whom nothing was sent."""
    return bool(select.select([client], [], [], 0)[0])


def close_all(sockets: list[socket.socket]) -> None:
    for channel in sockets:
        channel.close()


@pytest.mark.root
def test_descriptors_run_out(gateway: Gateway, report: Callable[[str], None]) -> None:
    before = descriptors(gateway.process)
    resource.prlimit(
        gateway.process.pid, resource.RLIMIT_NOFILE, (DESCRIPTORS_MAX, DESCRIPTORS_MAX)
    )
    clients = [connected_socket(gateway) for _ in range(CONNECTIONS)]
    clients[0].sendall(GET)
    assert clients[0].recv(4096).startswith(b"HTTP/1.1 200")
    eventually(lambda: descriptors(gateway.process) > DESCRIPTORS_MAX - 16, "none are left")
    # It has nothing to do but to wait for one to be free.
    used, started = processor_seconds(gateway.process), time.monotonic()
    stays(lambda: gateway.process.is_running, "it is alive", 2)
    share = (processor_seconds(gateway.process) - used) / (time.monotonic() - started)
    assert share < 0.25, f"{share:.0%} of a processor for nothing"
    clients[1].sendall(GET)
    assert clients[1].recv(4096).startswith(b"HTTP/1.1 200"), "who was in is not served"
    # Some of those who wait are told to go elsewhere, one a rest; the others keep their places.
    shed = [client for client in clients if is_closed(client)]
    assert 3 <= len(shed) <= 60, f"{len(shed)} were shed in two seconds and the test's start"
    close_all(clients[: CONNECTIONS // 3])
    clients[-1].sendall(GET)
    assert clients[-1].recv(4096).startswith(b"HTTP/1.1 200"), "who waited is not served"
    close_all(clients)
    eventually(lambda: descriptors(gateway.process) <= before + 2, "descriptors come back")
    for _ in range(CONNECTIONS):
        assert request(gateway.address, "GET", "/healthz").status == 200
    report(
        f"{CONNECTIONS} connections, {DESCRIPTORS_MAX} descriptors:"
        f" {share:.0%} processor time, {len(shed)} shed"
    )


def test_a_second_signal_ends_it_at_once(source: Source) -> None:
    gateway = source.gateway
    with connected_socket(gateway) as client:
        # A request under way, for which the first signal waits.
        client.sendall(webhook_head(source, 20_000) + b"{")
        assert request(gateway.address, "GET", "/healthz").status == 200
        gateway.ended_on_purpose = True
        gateway.process.send(signal.SIGTERM)
        eventually(lambda: "The gateway is stopping" in gateway.process.said(), "it stops", 5)
        stays(lambda: gateway.process.is_running, "it waits for the request", 0.5)
        gateway.process.send(signal.SIGTERM)
        status = gateway.process.wait(1.0)
        assert status in (128 + signal.SIGTERM, -signal.SIGTERM), status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_under_load_loses_nothing(connected: Connected, number: int) -> None:
    gateway = connected.gateway
    storm = Storm(gateway, connected.source)
    eventually(lambda: storm.promises.count > 200, "a storm", 30)
    gateway.ended_on_purpose = True
    assert gateway.process.stop(number) == 0
    promises = storm.stop()
    assert not promises.odd, promises.odd[:3]
    gateway.start_again()
    incidents: dict[str, dict] = {}

    def are_all_there() -> bool:
        # While pages are read, what changes moves to their front: closes that go on do that.
        incidents.update({alert["incident_id"]: alert for alert in all_alerts(gateway)})
        return not promises.fired.keys() - incidents.keys()

    eventually(are_all_there, "everything acknowledged")
    resolved = {alert["id"] for alert in incidents.values() if alert["status"] == "resolved"}
    assert not promises.resolved - resolved, "resolved and firing again"
    assert not {promises.fired[incident] for incident in promises.closed} - resolved


def all_alerts(gateway: Gateway) -> list[dict]:
    found: list[dict] = []
    cursor: str | None = ""
    while cursor is not None:
        page = gateway.get("/v1/alerts?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        found += page["items"]
        cursor = page["next_cursor"]
    return found
