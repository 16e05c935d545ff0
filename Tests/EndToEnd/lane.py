"""An integration of many: its own stub BigPanda, its source, and the incidents that go through."""

import http.client
import re
import threading
from collections.abc import Callable, Iterable
from typing import Any

from gateway import Gateway, Source
from payloads import EPOCH, new, new_id
from stub import Stub
from waiting import eventually


class Lane:
    def __init__(self, gateway: Gateway, stub: Stub, name: str) -> None:
        answer = gateway.connect(stub, name=name)
        assert answer.status == 201, answer
        self.gateway = gateway
        self.stub = stub
        self.integration_id: str = answer.json()["id"]
        self.source: Source = gateway.create_source(self.integration_id, name)
        # The alert of each incident.
        self.alerts: dict[str, str] = {}
        stub.send_webhooks(self.source.callback_url, self.source.secret)

    def fire_silent(self) -> None:
        """An incident of which the stub tells nothing, and its alert."""
        incident_id = self.stub.create(id=new_id(), share=False)
        self.alerts[incident_id] = self.source.fire(new(incident_id, EPOCH))

    def fire_shared(self) -> None:
        """An incident of which the stub tells, its end included, and its alert."""
        incident_id = self.stub.create(id=new_id())
        alert = eventually(lambda: self.gateway.find_alert(incident_id), f"alert of {incident_id}")
        self.alerts[incident_id] = alert["id"]

    def incidents(self) -> dict[str, dict[str, Any]]:
        items = self.stub.control("GET", "incidents")["items"]
        return {item["id"]: item for item in items if item["id"] in self.alerts}


def assert_looked_before_repeating(calls: list[dict[str, Any]]) -> None:
    """After a close that may have been carried out, the incident is read before the next."""
    in_doubt: set[str] = set()
    for call in calls:
        incident_id = call["path"].split("/")[-2 if call["method"] == "POST" else -1]
        if call["method"] == "GET" and call["status"] == 200:
            in_doubt.discard(incident_id)
        elif call["method"] == "POST":
            about = [other for other in calls if incident_id in other["path"]]
            assert incident_id not in in_doubt, f"repeated without a look: {about}"
            if call["status"] == 0:
                in_doubt.add(incident_id)


def at_once(work: Iterable[Callable[[], None]]) -> None:
    """Does all of it in threads of its own, and fails as the first of them did."""
    failures: list[BaseException] = []

    def run(step: Callable[[], None]) -> None:
        try:
            step()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(step,)) for step in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def resolve_all(lane: Lane) -> None:
    """As a person would who tries again when the gateway does not answer."""
    for alert_id in lane.alerts.values():
        eventually(lambda: is_resolved(lane.gateway, alert_id), "resolved", 60)


def is_resolved(gateway: Gateway, alert_id: str) -> bool:
    try:
        answer = gateway.api("POST", f"/v1/alerts/{alert_id}/resolve", timeout=10)
    except (OSError, http.client.HTTPException):
        return False
    # 502 and 504 come from a balancer whose gateway has just gone.
    assert answer.status in (200, 502, 503, 504), answer
    return answer.status == 200


def confirmed(gateway: Gateway) -> int:
    text = gateway.api("GET", "/metrics").body.decode()
    found = re.search(r'^bigpanda_gateway_closes{state="confirmed"} (\d+)$', text, re.MULTILINE)
    assert found, text
    return int(found.group(1))


def assert_closed_once(lane: Lane) -> None:
    incidents = lane.incidents()
    assert len(incidents) == len(lane.alerts)
    still_open = [i for i, incident in incidents.items() if incident["active"]]
    assert not still_open, f"{len(still_open)} still open: {still_open[:3]}"
    # None was open for 60 s after BigPanda took its close, which alone would allow a second.
    more = {i: n["closes_accepted"] for i, n in incidents.items() if n["closes_accepted"] != 1}
    assert not more, {i: lane.stub.calls(i) for i in list(more)[:3]}
