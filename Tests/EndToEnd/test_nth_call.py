"""Each call to BigPanda of a whole life fails once, in each way: it still ends as it should."""

import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway import Gateway, Source
from lane import assert_looked_before_repeating, at_once
from payloads import EPOCH, new, new_id
from stub import STAGING, Stub

# The life has at least so many calls; with readings that come by the clock a few more.
CALLS_MIN = 12
CALLS_TRIED = 15
# How the n-th call fails; a hang runs into the deadline of a call, which is 20 s.
KINDS: dict[str, dict[str, Any]] = {
    "500": {"kind": "status", "status": 500},
    "dropped": {"kind": "drop"},
    "reset once done": {"kind": "apply_then_drop"},
    "garbage": {"kind": "garbage"},
    "hang": {"kind": "delay", "delay_ms": 600_000},
}
STEP_SECONDS_MAX = 70
# Connections that libcurl keeps for later, and a little for the answer under way.
DESCRIPTORS_SPARE = 16 + 2


class Life:
    """Connects, takes an incident in, reads it back, and closes it and another one.

    Both incidents are where their webhooks don't say, so that they have to be searched for.
    """

    def __init__(self, gateway: Gateway, stub: Stub, name: str, index: int) -> None:
        self.gateway = gateway
        self.stub = stub
        self.name = name
        # Ends in a number, by which the stub's log tells whose a call was.
        self.key = f"BPU-{secrets.token_hex(12)}-{index:04}"
        self.incidents = [new_id(), new_id()]

    def order(self, fault: dict[str, Any], n: int) -> None:
        if n > 1:
            self.stub.fault("any", "ok", times=n - 1, key=self.key)
        self.stub.fault("any", key=self.key, **fault)

    def run(self) -> None:
        source = self.gateway.create_source(self.connect(), self.name)
        read, searched = self.incidents
        read_alert = self.fire(source, read)
        self.wait(
            lambda: self.gateway.alert(read_alert)["environment_id"] == STAGING, "it is read back"
        )
        searched_alert = self.fire(source, searched)
        for alert_id in (searched_alert, read_alert):
            self.gateway.resolve(alert_id)
            self.wait(
                lambda alert_id=alert_id: (
                    self.gateway.close_of(alert_id)["state"] == "confirmed"
                ),
                "the close is confirmed",
            )

    def connect(self) -> str:
        for _ in range(2):
            body = {"name": self.name, "api_key": self.key, "base_url": self.stub.base_url}
            answer = self.gateway.api("POST", "/v1/integrations", body, timeout=40)
            if answer.status == 201:
                return answer.json()["id"]
            assert answer.status in (422, 503), answer
            names = [item["name"] for item in self.gateway.items("/v1/integrations?limit=500")]
            assert self.name not in names, "stored, though it could not be checked"
        raise AssertionError(f"{self.name}: not connected by the second time: {answer}")

    def fire(self, source: Source, incident_id: str) -> str:
        self.stub.create(id=incident_id, environment_id=STAGING, share=False)
        return source.fire(new(incident_id, EPOCH))

    def wait(self, probe: Callable[[], bool], what: str) -> None:
        """As `eventually`, but seldom: many lives wait at once."""
        deadline = time.monotonic() + STEP_SECONDS_MAX
        while not probe():
            assert time.monotonic() < deadline, f"{self.name}: not {what}: {self.calls()}"
            time.sleep(0.3)

    def calls(self) -> list[dict[str, Any]]:
        return [c for c in self.stub.calls() if c["key_suffix"] == self.key[-4:]]


def descriptors(gateway: Gateway) -> int:
    return len(list(Path(f"/proc/{gateway.process.pid}/fd").iterdir()))


@pytest.mark.root
def test_any_call_may_fail_once(
    start_gateway: Callable[..., Gateway], stub: Stub, report: Callable[[str], None]
) -> None:
    gateway = start_gateway(GATEWAY_RECONCILE_SECONDS="3")
    stub.settings(echo=False)
    lives: dict[tuple[str, int], Life] = {}
    for kind, fault in KINDS.items():
        for n in range(1, CALLS_TRIED + 1):
            life = lives[kind, n] = Life(gateway, stub, f"{kind} at {n}", len(lives))
            life.order(fault, n)
    stub.allow_keys(*(life.key for life in lives.values()))
    before = descriptors(gateway)
    at_once(life.run for life in lives.values())
    for life in lives.values():
        assert_ended_well(life)
    assert_met(stub, lives)
    wait_for_descriptors(gateway, before + DESCRIPTORS_SPARE)
    count = len(stub.calls())
    report(f"{len(lives)} lives with a call that failed: {count} calls, every close made once")


def assert_ended_well(life: Life) -> None:
    assert_looked_before_repeating(life.calls())
    for incident_id in life.incidents:
        incident = life.stub.control("GET", f"incidents/{incident_id}")
        assert not incident["active"], f"{life.name}: still open: {life.calls()}"
        assert incident["closes_accepted"] == 1, f"{life.name}: {life.calls()}"
        alert = life.gateway.find_alert(incident_id)
        assert alert is not None and alert["status"] == "resolved", f"{life.name}: {alert}"
    states = {item["name"]: item["state"] for item in integrations(life.gateway)}
    assert states[life.name] == "connected", f"{life.name}: {states[life.name]}"


def integrations(gateway: Gateway) -> list[dict[str, Any]]:
    return gateway.items("/v1/integrations?limit=500")


def assert_met(stub: Stub, lives: dict[tuple[str, int], Life]) -> None:
    """Each of the first calls did fail, or nothing was shown."""
    left = {fault["key"] for fault in stub.control("GET", "faults")["items"]}
    for (kind, n), life in lives.items():
        assert n > CALLS_MIN or life.key not in left, f"{kind}: there was no call {n}"


def wait_for_descriptors(gateway: Gateway, most: int) -> None:
    deadline = time.monotonic() + 10
    while (now := descriptors(gateway)) > most:
        assert time.monotonic() < deadline, f"{now} descriptors, at most {most}"
        time.sleep(0.1)
