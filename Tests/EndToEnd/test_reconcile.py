"""What pushes don't tell is read back from BigPanda on schedule."""

from collections.abc import Callable
from typing import Any

import pytest

from conftest import Connected
from gateway import Gateway
from payloads import EPOCH, new, new_id
from stub import PRODUCTION, STAGING, Stub
from waiting import eventually, stays

# From a change in BigPanda to the next reading, which may wait for the rate budget.
SECONDS_MAX = 15


def connect(gateway: Gateway, stub: Stub, **fields: Any) -> Connected:
    answer = gateway.connect(stub, **fields)
    assert answer.status == 201, answer
    integration = answer.json()
    connected = Connected(gateway, stub, integration, gateway.create_source(integration["id"]))
    connected.share()
    return connected


@pytest.fixture
def quick(start_gateway: Callable[..., Gateway], stub: Stub) -> Connected:
    """A gateway that reads each firing alert every second."""
    return connect(start_gateway(GATEWAY_RECONCILE_SECONDS="1"), stub)


def assert_reconciled(connected: Connected, alert_id: str) -> dict[str, Any]:
    alert = connected.gateway.wait_for_status(alert_id, "resolved", SECONDS_MAX)
    assert alert["resolved_by"]["kind"] == "reconcile", alert
    assert alert["close"] is None, alert
    assert alert["timeline"][-1]["outcome"] == "resolved", alert
    assert alert["timeline"][-1]["cause"]["kind"] == "reconcile", alert
    return alert


def test_a_lost_close_is_found(quick: Connected) -> None:
    incident_id, alert_id = quick.shared_incident()
    quick.stub.fault("webhook", "lost")
    quick.stub.close(incident_id)
    assert_reconciled(quick, alert_id)
    assert not quick.stub.resolves(incident_id)
    [line] = [line for line in quick.gateway.process.said().splitlines() if "in line." in line]
    for mark in (alert_id, incident_id, quick.source.id):
        assert mark in line, line


def test_an_open_incident_is_read_again_and_again_and_stays(quick: Connected) -> None:
    incident_id, alert_id = quick.shared_incident()
    eventually(lambda: len(quick.stub.reads(incident_id)) >= 3, "three readings", SECONDS_MAX)
    alert = quick.gateway.alert(alert_id)
    assert alert["status"] == "firing"
    assert [entry["outcome"] for entry in alert["timeline"]] == ["created"]


def test_a_flapping_incident_is_read_sooner(
    start_gateway: Callable[..., Gateway], stub: Stub
) -> None:
    connected = connect(start_gateway(GATEWAY_RECONCILE_SECONDS="15"), stub)
    steady_id, _ = connected.shared_incident()
    flapping_id, alert_id = connected.shared_incident(flapping=True)
    stub.close(flapping_id, share=False)
    assert_reconciled(connected, alert_id)
    assert not stub.reads(steady_id)


def test_a_lost_reopen_of_a_resolved_alert_is_not_looked_for(quick: Connected) -> None:
    incident_id, alert_id = quick.shared_incident()
    quick.stub.close(incident_id)
    quick.gateway.wait_for_status(alert_id, "resolved")
    # A reading may have been under way.
    quick.shared_incident()
    quick.stub.forget_calls()
    quick.stub.fault("webhook", "lost")
    quick.stub.reopen(incident_id)
    stays(lambda: not quick.stub.reads(incident_id), "not read", 2.5)
    assert quick.gateway.alert(alert_id)["status"] == "resolved"


def test_closes_lost_while_the_gateway_was_away_are_found_at_the_start(
    connected: Connected,
) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.gateway.kill()
    connected.stub.close(incident_id, share=False)
    connected.gateway.start_again()
    assert_reconciled(connected, alert_id)


def test_nothing_is_read_before_it_is_due(connected: Connected) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.stub.close(incident_id, share=False)
    stays(lambda: not connected.stub.reads(incident_id), "not read", 2)
    assert connected.gateway.alert(alert_id)["status"] == "firing"


def test_a_paused_integration_is_not_read(quick: Connected) -> None:
    gateway, stub = quick.gateway, quick.stub
    incident_id, alert_id = quick.shared_incident()
    path = f"/v1/integrations/{quick.integration['id']}"
    stub.allow_keys()
    eventually(lambda: gateway.get(path)["state"] == "key_rejected", "paused by a reading")
    stub.close(incident_id, share=False)
    stub.forget_calls()
    stays(lambda: not stub.reads(incident_id), "not read while paused", 2.5)
    assert gateway.alert(alert_id)["status"] == "firing"
    stub.allow_keys(stub.key)
    assert gateway.api("POST", path + "/check").json()["state"] == "connected"
    assert_reconciled(quick, alert_id)


def test_a_bigpanda_that_fails_is_asked_again(quick: Connected) -> None:
    incident_id, alert_id = quick.shared_incident()
    quick.stub.fault("incident", "status", times=2, status=503)
    quick.stub.close(incident_id, share=False)
    assert_reconciled(quick, alert_id)


def test_an_incident_gone_without_a_word_goes_on_firing(quick: Connected) -> None:
    gateway, stub = quick.gateway, quick.stub
    incident_id, alert_id = quick.shared_incident()
    stub.delete(incident_id)

    def told() -> bool:
        return "no longer knows" in (gateway.alert(alert_id)["timeline"][-1].get("comment") or "")

    eventually(told, "the timeline tells", 30)
    alert = gateway.alert(alert_id)
    assert alert["status"] == "firing"
    assert [entry["outcome"] for entry in alert["timeline"]] == ["created", "updated"]
    assert alert["timeline"][-1]["cause"]["kind"] == "reconcile"
    stub.forget_calls()
    stays(lambda: not stub.calls(incident_id), "asked for more seldom", 3)


def test_an_incident_that_was_closed_out_of_sight_resolves(quick: Connected) -> None:
    """No environment holds it, but its activities say what became of it."""
    gateway, stub = quick.gateway, quick.stub
    stub.environments({"id": PRODUCTION, "name": "P"}, {"id": STAGING, "name": "S"})
    incident_id, alert_id = quick.shared_incident(environment_id=STAGING)
    stub.environments({"id": PRODUCTION, "name": "P"})
    stub.close(incident_id, share=False)
    alert = assert_reconciled(quick, alert_id)
    assert "closed" in alert["timeline"][-1]["comment"]


def test_many_incidents_are_read_from_a_list(quick: Connected) -> None:
    gateway, stub = quick.gateway, quick.stub
    pairs = [quick.shared_incident() for _ in range(30)]
    lost, lost_alert = pairs[7]
    stub.close(lost, share=False)
    assert_reconciled(quick, lost_alert)
    stub.forget_calls()

    def lists() -> int:
        return sum(call["path"].split("?")[0].endswith("/incidents") for call in stub.calls())

    eventually(lambda: lists() >= 5, "five lists", 30)
    # One by one it would be 29 calls for each list; alerts that came in apart need a round or two
    # until their readings fall together.
    alone = len(stub.calls()) - lists()
    assert alone < 29, f"{alone} incidents were read by themselves"
    firing = gateway.items("/v1/alerts?status=firing")
    assert len(firing) == len(pairs) - 1


def test_readings_keep_within_the_rate_and_behind_a_close(quick: Connected) -> None:
    """Fifty alerts that BigPanda doesn't know cost several calls each, far above the budget."""
    gateway, stub = quick.gateway, quick.stub
    for _ in range(50):
        quick.source.fire(new(new_id(), EPOCH))
    incident_id, alert_id = quick.shared_incident()
    eventually(lambda: len(stub.calls()) > 10, "readings are under way")
    gateway.resolve(alert_id)
    eventually(lambda: stub.resolves(incident_id), "closed in spite of the readings", 5)
    assert not [call for call in stub.calls() if call.get("status") == 429]


def test_the_metrics_count_readings_and_corrections(quick: Connected) -> None:
    incident_id, alert_id = quick.shared_incident()
    quick.stub.close(incident_id, share=False)
    assert_reconciled(quick, alert_id)
    text = quick.gateway.api("GET", "/metrics").body.decode()
    assert 'bigpanda_gateway_reconcile_corrections_total{status="resolved"} 1' in text
    assert 'bigpanda_gateway_readings_total{result="corrected"} 1' in text
