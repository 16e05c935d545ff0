"""Resolving here closes there: what is sent, once, and where it is sent."""

import pytest

from conftest import Connected
from payloads import EPOCH, closed, incident, new, new_id
from stub import PRODUCTION, STAGING
from waiting import eventually, stays


def environment_of(call: dict) -> str:
    return call["path"].split("/environments/")[1].split("/")[0]


def test_the_call_is_what_bigpanda_documents(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    gateway.resolve(alert_id, "restarted the node")
    stub.wait_until_closed(incident_id)
    (call,) = stub.resolves(incident_id)
    assert call["path"] == (
        f"/resources/v2.0/environments/{PRODUCTION}/incidents/{incident_id}/resolve"
    )
    assert call["status"] == 202
    assert call["key_suffix"] == stub.key[-4:]
    assert call["comments"].startswith("Resolved in bigpanda-gateway by ")
    assert call["comments"].endswith(": restarted the node")


@pytest.mark.parametrize("path_body", [None, {}, {"comment": ""}])
def test_a_comment_is_optional(connected: Connected, path_body: dict | None) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    answer = connected.gateway.api("POST", f"/v1/alerts/{alert_id}/resolve", path_body)
    assert answer.status == 200, answer
    connected.stub.wait_until_closed(incident_id)
    (call,) = connected.stub.resolves(incident_id)
    assert call["comments"].startswith("Resolved in bigpanda-gateway by ")


@pytest.mark.parametrize("letter", ["x", "é", "漢"])
def test_a_long_comment_is_cut_to_1000_characters(connected: Connected, letter: str) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.gateway.resolve(alert_id, letter * 2000)
    connected.stub.wait_until_closed(incident_id)
    (call,) = connected.stub.resolves(incident_id)
    assert len(call["comments"]) == 1000
    assert call["comments"].endswith(letter * 900)


def test_odd_characters_arrive_as_they_were_typed(connected: Connected) -> None:
    comment = 'say "no" \\ to\n\ttabs & <b>\u2028 🐼'
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.gateway.resolve(alert_id, comment)
    connected.stub.wait_until_closed(incident_id)
    assert connected.stub.resolves(incident_id)[0]["comments"].endswith(comment)


def test_repeating_a_resolve_changes_nothing(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    first = gateway.resolve(alert_id, "once")
    for _ in range(3):
        again = gateway.resolve(alert_id, "twice")
        assert again["resolved_at"] == first["resolved_at"]
        assert again["close"]["id"] == first["close"]["id"]
    gateway.wait_for_close(alert_id, "confirmed")
    again = gateway.resolve(alert_id, "after the end")
    assert again["close"]["id"] == first["close"]["id"]
    assert again["close"]["state"] == "confirmed"
    stays(lambda: len(stub.resolves(incident_id)) == 1, "one call", 1)
    assert len(gateway.items("/v1/closes")) == 1


def test_an_alert_that_bigpanda_closed_owes_nothing(connected: Connected) -> None:
    source = connected.source
    incident_id = new_id()
    alert_id = source.fire(new(incident_id, EPOCH))
    source.send(closed(incident_id, EPOCH + 1))
    alert = connected.gateway.resolve(alert_id)
    assert alert["close"] is None
    assert alert["resolved_by"]["kind"] == "bigpanda"
    assert connected.gateway.items("/v1/closes") == []
    stays(lambda: not connected.stub.resolves(), "no call", 0.5)


def test_a_cancelled_close_can_be_owed_again(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "status", status=503, times=0)
    first = gateway.resolve(alert_id)["close"]
    eventually(lambda: stub.resolves(incident_id), "a first try")
    assert gateway.api("POST", f"/v1/closes/{first['id']}/cancel").status == 200
    gateway.wait_for_close(alert_id, "cancelled")
    stub.clear_faults()
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id)
    second = gateway.wait_for_close(alert_id, "confirmed")
    assert second["id"] != first["id"]


def test_409_counts_as_sent(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.close(incident_id, share=False)
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "confirmed", 30)
    assert [call["status"] for call in stub.resolves(incident_id)] in ([], [409])


def test_the_payloads_environment_is_used(connected: Connected) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident(environment_id=STAGING)
    connected.gateway.resolve(alert_id)
    connected.stub.wait_until_closed(incident_id)
    assert [environment_of(call) for call in connected.stub.resolves(incident_id)] == [STAGING]


def test_the_integrations_environment_stands_in(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    answer = gateway.connect(stub, name="staging", environment_id=STAGING)
    assert answer.status == 201, answer
    source = gateway.create_source(answer.json()["id"], "Staging")
    incident_id = stub.create(environment_id=STAGING, share=False)
    body = incident(incident_id)
    del body["environments"]
    gateway.resolve(source.fire({"event": "incident#new", "incident": body}))
    stub.wait_until_closed(incident_id)
    assert [environment_of(call) for call in stub.resolves(incident_id)] == [STAGING]


@pytest.mark.parametrize(
    "environments",
    [
        pytest.param([], id="none"),
        pytest.param(["Staging"], id="a name"),
        pytest.param(["0" * 24], id="unknown"),
        pytest.param([PRODUCTION], id="another"),
    ],
)
def test_the_environment_is_looked_up(connected: Connected, environments: list[str]) -> None:
    """Whatever the payload says, the incident is found where it is."""
    stub = connected.stub
    incident_id = stub.create(environment_id=STAGING, share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH, environments=environments))
    connected.gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id)
    assert environment_of(stub.resolves(incident_id)[-1]) == STAGING
    connected.gateway.wait_for_close(alert_id, "confirmed", 30)


def test_resolving_needs_no_bigpanda(connected: Connected) -> None:
    """The answer comes at once, with BigPanda gone."""
    alert_id = connected.source.fire(new(new_id(), EPOCH))
    connected.stub.process.kill()
    alert = connected.gateway.resolve(alert_id)
    assert alert["close"]["state"] in ("pending", "sending")
    assert alert["resolved_at"].endswith("Z")


def test_an_unknown_alert_cannot_be_resolved(connected: Connected) -> None:
    assert connected.gateway.api("POST", "/v1/alerts/none/resolve").status == 404
