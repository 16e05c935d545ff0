"""BigPanda away: what it costs, and that everything owed is made once it is back."""

import re
import socket
import threading
from pathlib import Path

from conftest import Connected
from gateway import Gateway
from payloads import EPOCH, new
from processes import free_port
from stub import Stub
from waiting import eventually

OWED = 50
# Three failures open the breaker while up to four calls are under way.
TRIES_MAX = 6
# They come after waits that double from 2 s; a slow machine may see more than one.
PROBES_MAX = 3


class DeadBigPanda:
    """Takes connections and closes them again, and counts them."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port), backlog=128)
        self.calls = 0
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                channel, _ = self._listener.accept()
            except OSError:
                return
            with channel:
                channel.settimeout(5)
                try:
                    if channel.recv(65536):
                        self.calls += 1
                except OSError:
                    pass

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)


def held(gateway: Gateway, integration_id: str) -> int:
    text = gateway.api("GET", "/metrics").body.decode()
    pattern = rf'^bigpanda_gateway_closes_held{{integration="{integration_id}"}} (\d)$'
    found = re.search(pattern, text, re.MULTILINE)
    assert found, text
    return int(found.group(1))


def test_an_outage_costs_probes_and_loses_nothing(
    start_gateway, binary: str, tmp_path: Path, report
) -> None:
    gateway, port = start_gateway(), free_port()
    stub = Stub(binary, tmp_path / "before", port=port)
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    integration_id = answer.json()["id"]
    source = gateway.create_source(integration_id)
    assert held(gateway, integration_id) == 0
    stub.process.kill()
    dead = DeadBigPanda(port)
    incidents = {f"out-{index:02}": "" for index in range(OWED)}
    for incident_id in incidents:
        incidents[incident_id] = source.fire(new(incident_id, EPOCH))
        gateway.resolve(incidents[incident_id])
    eventually(lambda: held(gateway, integration_id) == 1, "closes are held back")
    opened_after = dead.calls
    eventually(lambda: dead.calls > opened_after, "a probe", 30)
    calls = dead.calls
    attempts = sum(gateway.alert(alert_id)["close"]["attempts"] for alert_id in incidents.values())
    assert calls <= TRIES_MAX + PROBES_MAX, f"{calls} calls for {OWED} closes"
    assert attempts <= TRIES_MAX + PROBES_MAX, f"{attempts} attempts for {OWED} closes"
    gateway.process.assert_running()
    dead.stop()

    stub = Stub(binary, tmp_path / "after", port=port, key=stub.key)
    for incident_id in incidents:
        stub.create(id=incident_id, share=False)
    for alert_id in incidents.values():
        gateway.wait_for_close(alert_id, "confirmed", 120)
    assert held(gateway, integration_id) == 0
    twice = {i: len(stub.resolves(i)) for i in incidents if len(stub.resolves(i)) != 1}
    assert not twice, twice
    report(f"BigPanda away with {OWED} closes owed: {calls} calls until it was back")
    stub.process.kill()


def test_a_paused_integration_resumes_by_itself(connected: Connected) -> None:
    """The gateway checks on start, and every five minutes or so."""
    gateway, stub = connected.gateway, connected.stub
    path = f"/v1/integrations/{connected.integration['id']}"
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.allow_keys()
    gateway.resolve(alert_id)
    eventually(lambda: gateway.get(path)["state"] == "key_rejected", "it is paused")
    gateway.kill()
    stub.allow_keys(stub.key)
    gateway.start_again()
    eventually(lambda: gateway.get(path)["state"] == "connected", "it is found to be good")
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert not stub.is_active(incident_id)
