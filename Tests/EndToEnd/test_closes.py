"""The closes of the API: listed, tried again at once, cancelled."""

import pytest

from conftest import Connected
from gateway import Gateway
from http_client import assert_problem
from payloads import EPOCH, new
from waiting import eventually, stays


def failing_close(connected: Connected) -> tuple[str, str, str]:
    """A close that BigPanda keeps failing: the incident's, the alert's and the close's id."""
    connected.stub.fault("resolve", "status", status=503, times=0)
    incident_id = connected.stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    close_id = connected.gateway.resolve(alert_id)["close"]["id"]
    eventually(lambda: connected.stub.resolves(incident_id), "a first try")
    return incident_id, alert_id, close_id


def states(gateway: Gateway, query: str = "") -> dict[str, str]:
    return {item["id"]: item["state"] for item in gateway.items("/v1/closes" + query)}


def test_closes_are_listed_by_state(connected: Connected) -> None:
    gateway = connected.gateway
    connected.share()
    _, alert_id = connected.shared_incident()
    done = gateway.resolve(alert_id)["close"]["id"]
    gateway.wait_for_close(alert_id, "confirmed")
    _, _, failing = failing_close(connected)
    gateway.api("POST", f"/v1/closes/{failing}/cancel")
    eventually(lambda: states(gateway).get(failing) == "cancelled", "cancelled")
    assert states(gateway) == {done: "confirmed", failing: "cancelled"}
    assert states(gateway, "?state=confirmed") == {done: "confirmed"}
    assert states(gateway, "?state=cancelled") == {failing: "cancelled"}
    assert states(gateway, "?state=pending") == {}
    assert_problem(gateway.api("GET", "/v1/closes?state=zebra"), {400, 422})


def test_a_close_carries_what_an_operator_needs(connected: Connected) -> None:
    _, alert_id, close_id = failing_close(connected)

    def is_whole() -> bool:
        (close,) = connected.gateway.items("/v1/closes")
        assert close["id"] == close_id and close["attempts"] >= 1
        assert close["last_error"]
        assert {"state", "next_attempt_at"} <= set(close)
        return True

    eventually(is_whole, "attempts and error")


def test_a_cancelled_close_is_not_tried_again(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id, close_id = failing_close(connected)
    answer = gateway.api("POST", f"/v1/closes/{close_id}/cancel")
    assert answer.status == 200, answer
    gateway.wait_for_close(alert_id, "cancelled")
    stub.clear_faults()
    count = len(stub.resolves(incident_id))
    stays(lambda: len(stub.resolves(incident_id)) == count, "no further call", 3)
    assert stub.is_active(incident_id)
    assert gateway.alert(alert_id)["status"] == "resolved"


def test_a_cancel_survives_a_restart(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id, alert_id, close_id = failing_close(connected)
    gateway.api("POST", f"/v1/closes/{close_id}/cancel")
    gateway.wait_for_close(alert_id, "cancelled")
    stub.clear_faults()
    stub.forget_calls()
    gateway.kill_and_restart()
    stays(lambda: not stub.resolves(incident_id), "no call", 2)
    assert gateway.close_of(alert_id)["state"] == "cancelled"


def test_a_failed_close_can_be_tried_again(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.delete(incident_id)
    close_id = gateway.resolve(alert_id)["close"]["id"]
    gateway.wait_for_close(alert_id, "failed", 30)
    stub.create(id=incident_id, share=False)
    assert gateway.api("POST", f"/v1/closes/{close_id}/retry").status in (200, 202)
    stub.wait_until_closed(incident_id, 30)
    gateway.wait_for_close(alert_id, "confirmed", 60)


def test_a_retry_does_not_wait_for_the_next_attempt(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "status", status=429, retry_after="120")
    close_id = gateway.resolve(alert_id)["close"]["id"]
    eventually(lambda: gateway.close_of(alert_id)["last_error"], "it was told to wait")
    assert gateway.api("POST", f"/v1/closes/{close_id}/retry").status in (200, 202)
    stub.wait_until_closed(incident_id)


@pytest.mark.parametrize("action", ["retry", "cancel"])
def test_a_confirmed_close_stays_confirmed(connected: Connected, action: str) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    close_id = gateway.resolve(alert_id)["close"]["id"]
    gateway.wait_for_close(alert_id, "confirmed")
    answer = gateway.api("POST", f"/v1/closes/{close_id}/{action}")
    assert answer.status in (200, 409, 422), answer
    if answer.status != 200:
        assert_problem(answer, {409, 422})
    assert gateway.close_of(alert_id)["state"] == "confirmed"
    stays(lambda: len(stub.resolves(incident_id)) == 1, "one call", 1)


@pytest.mark.parametrize("action", ["retry", "cancel"])
def test_an_unknown_close_is_not_found(gateway: Gateway, action: str) -> None:
    assert_problem(gateway.api("POST", f"/v1/closes/none/{action}"), 404)
