"""Canaries of replicas on one store: each is sent once, by one of them, as long as one lives."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import connect
from gateway import Gateway
from haproxy import HAProxy
from postgres import Database
from processes import free_port
from replicas import Replicas
from stub import Stub
from test_canary import gauges
from waiting import eventually

# The shortest that there is.
INTERVAL_SECONDS = 60
# A lease ends 15 s after a death; a canary takes seconds, and 45 s at most.
LATE_SECONDS_MAX = 30.0
PASSED = "A canary went all the way."


@pytest.fixture
def replicas(
    database: Database,
    start_gateway: Callable[..., Gateway],
    start_haproxy: Callable[..., HAProxy],
) -> Replicas:
    """Two whose public address is the balancer's: a canary comes in at either of them."""
    port = free_port()
    return Replicas(
        2, database, lambda **settings: start_gateway(
            **settings | {"GATEWAY_PUBLIC_URL": f"http://127.0.0.1:{port}"}),
        lambda *gateways: start_haproxy(*gateways, port=port),
    )


class Canary:
    """That of the only integration, as every replica that runs tells of it."""

    def __init__(self, replicas: Replicas, stub: Stub) -> None:
        self.replicas, self.stub = replicas, stub
        self.integration = connect(replicas.front, stub).integration["id"]
        self.path = f"/v1/integrations/{self.integration}/canary"

    @property
    def running(self) -> list[Gateway]:
        return [one for one in self.replicas.gateways if one.process.is_running]

    def wait_for_run(self, seconds: float, before: dict[str, Any] | None = None) -> dict[str, Any]:
        """The next that has ended; all that run tell the same of it."""
        def ended() -> dict[str, Any] | None:
            run = self.running[0].get(self.path)["last_run"]
            return run if run != before else None

        run = eventually(ended, "a canary has ended", seconds)
        assert run["failed_hop"] is None, run
        for gateway in self.running:
            told = gateway.get(self.path)
            assert told["last_run"] == run and told["state"] == "passed", told
            assert told["last_passed_at"] == run["ended_at"], told
            assert gauges(gateway) == gauges(self.running[0])
        return run

    def assert_sent(self, *runs: dict[str, Any]) -> None:
        """Exactly these came in, and BigPanda was asked to close each of them once."""
        alerts = self.replicas.front.items("/v1/alerts?include=canary")
        assert [alert["id"] for alert in alerts] == [run["alert_id"] for run in reversed(runs)]
        deliveries = self.replicas.front.items("/v1/deliveries")
        assert [one["outcome"] for one in deliveries] == ["created"] * len(runs), deliveries
        incidents = [alert["incident_id"] for alert in alerts]
        assert {one["incident_id"] for one in deliveries} == set(incidents)
        for incident_id in incidents:
            calls = [(call["method"], call["status"]) for call in self.stub.calls(incident_id)]
            # The close of what BigPanda does not know, and the reading back.
            assert calls == [("POST", 404), ("GET", 404)], self.stub.calls()
        assert len(self.stub.calls("canary-")) == 2 * len(runs), self.stub.calls()


def passed(gateway: Gateway) -> int:
    """How many canaries it has sent the whole way, before a restart included."""
    return gateway.process.said().count(PASSED)


@pytest.mark.slow
def test_a_canary_is_sent_once_and_goes_on_when_its_replica_dies(
    replicas: Replicas, stub: Stub
) -> None:
    first, second = replicas.gateways
    canary = Canary(replicas, stub)
    stub.forget_calls()

    # Asked for at the one that does not send them: the other hears of it at once.
    assert "holds the lease now" in first.process.said()
    answer = second.api("PUT", canary.path, {"interval_seconds": INTERVAL_SECONDS})
    assert answer.status == 200, answer
    one = canary.wait_for_run(LATE_SECONDS_MAX / 2)
    assert (passed(first), passed(second)) == (1, 0)
    canary.assert_sent(one)

    # Whoever sent it dies, and comes back as the other has taken over: both run again.
    replicas.kill(0)
    eventually(
        lambda: "holds the lease now" in second.process.said(), "the other is on duty",
        LATE_SECONDS_MAX,
    )
    assert second.get(canary.path)["last_run"] == one, "what came of it died with its replica"
    replicas.bring_back(0)
    two = canary.wait_for_run(INTERVAL_SECONDS + LATE_SECONDS_MAX, before=one)
    assert (passed(first), passed(second)) == (1, 1)
    canary.assert_sent(one, two)
