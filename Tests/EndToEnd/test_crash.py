"""What was answered with 2xx is there after kill -9."""

import shutil
import sqlite3
import threading
from pathlib import Path

import pytest

from conftest import Connected
from gateway import Gateway
from http_client import request
from payloads import EPOCH, closed, new, new_id
from waiting import eventually


def test_a_webhook_survives(connected: Connected) -> None:
    gateway = connected.gateway
    incident_id = new_id()
    answer = connected.source.deliver(new(incident_id, EPOCH))
    gateway.kill()
    gateway.start_again()
    alert = gateway.find_alert(incident_id)
    assert alert is not None and alert["id"] == answer["alert_id"]
    assert alert["status"] == "firing"
    assert connected.source.send(closed(incident_id, EPOCH + 1)) == ("resolved", "resolved")


def test_a_resolve_survives_and_its_close_is_made(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "status", status=503, times=0)
    gateway.resolve(alert_id, "before the crash")
    gateway.kill()
    stub.clear_faults()
    gateway.start_again()
    alert = gateway.alert(alert_id)
    assert alert["status"] == "resolved" and alert["resolved_by"]["kind"] == "user"
    stub.wait_until_closed(incident_id, 30)
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert stub.resolves(incident_id)[-1]["comments"].endswith(": before the crash")


def test_a_resolve_right_before_the_crash_is_not_sent_twice(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    gateway.resolve(alert_id)
    gateway.kill_and_restart()
    gateway.wait_for_close(alert_id, "confirmed", 60)
    assert sum(call["status"] == 202 for call in stub.resolves(incident_id)) == 1


def test_a_repeat_after_a_crash_is_still_a_duplicate(connected: Connected) -> None:
    payload = new(new_id(), EPOCH)
    connected.source.fire(payload)
    connected.gateway.kill_and_restart()
    assert connected.source.send(payload) == ("duplicate", "firing")


def test_integrations_sources_and_the_token_survive(connected: Connected) -> None:
    gateway = connected.gateway
    token = gateway.token
    gateway.kill_and_restart()
    assert gateway.token == token
    (integration,) = gateway.items("/v1/integrations")
    assert integration["id"] == connected.integration["id"]
    assert [source["id"] for source in gateway.items("/v1/sources")] == [connected.source.id]
    check = gateway.api("POST", f"/v1/integrations/{integration['id']}/check")
    assert check.json()["state"] == "connected", "the sealed key is no longer readable"


class Storm:
    """Webhooks from several threads until the gateway dies; remembers what was answered 200."""

    def __init__(self, connected: Connected, threads: int = 6) -> None:
        self.acknowledged: list[str] = []
        self._source = connected.source
        self._threads = [threading.Thread(target=self._send) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def _send(self) -> None:
        while True:
            incident_id = new_id()
            try:
                answer = self._source.post(new(incident_id, EPOCH), timeout=5)
            except OSError:
                return
            except Exception:  # A cut off answer is no answer.
                return
            if answer.status == 200:
                self.acknowledged.append(incident_id)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(timeout=30)


def all_incident_ids(gateway: Gateway) -> set[str]:
    found: set[str] = set()
    cursor: str | None = ""
    while cursor is not None:
        page = gateway.get("/v1/alerts?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        found |= {alert["incident_id"] for alert in page["items"]}
        cursor = page["next_cursor"]
    return found


@pytest.mark.parametrize("count", [1, 40, 150])
def test_a_storm_loses_nothing_that_was_acknowledged(connected: Connected, count: int) -> None:
    gateway = connected.gateway
    storm = Storm(connected)
    eventually(lambda: len(storm.acknowledged) >= count, f"{count} webhooks in", 30)
    gateway.kill()
    storm.join()
    assert_database_is_whole(gateway.data / "gateway.db", gateway.directory.parent / "copy")
    gateway.start_again()
    missing = set(storm.acknowledged) - all_incident_ids(gateway)
    assert not missing, f"{len(missing)} of {len(storm.acknowledged)} lost"


def assert_database_is_whole(database: Path, copy: Path) -> None:
    """Looks at a copy, so that the gateway finds its files as the crash left them."""
    copy.mkdir()
    for path in database.parent.glob(database.name + "*"):
        shutil.copy(path, copy)
    with sqlite3.connect(copy / database.name) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_it_is_ready_again_after_many_kills(connected: Connected) -> None:
    gateway = connected.gateway
    ids = []
    for _ in range(8):
        ids.append(new_id())
        connected.source.fire(new(ids[-1], EPOCH))
        gateway.kill_and_restart()
    assert request(gateway.address, "GET", "/readyz").status == 200
    assert set(ids) == all_incident_ids(gateway)
