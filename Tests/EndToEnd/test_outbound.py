"""Webhooks that the gateway itself sends: signed, told in order, and never lost."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from conftest import Connected, connect, on_both_stores
from gateway import Gateway
from http_client import assert_problem, request
from outbound import ALLOWED, keep, make_endpoint, receiver
from payloads import EPOCH, closed, new, new_id, reopened, updated
from postgres import Database
from receiver import HANG, Receiver
from stub import Stub
from waiting import eventually, stays

__all__ = ["receiver"]


@pytest.fixture
def told(start_gateway: Callable[..., Gateway], stub: Stub) -> Connected:
    """A connected gateway that may post to this machine."""
    return connect(start_gateway(**ALLOWED), stub)


@on_both_stores
def test_the_life_of_an_alert_is_told(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    told.share()
    incident_id, alert_id = told.shared_incident()
    told.gateway.resolve(alert_id, "on it")
    webhooks = receiver.wait_for(3, 30)
    assert [webhook.type for webhook in webhooks] == [
        "alert.created", "alert.resolved", "close.confirmed",
    ]
    assert len({webhook.id for webhook in webhooks}) == 3
    for webhook in webhooks:
        assert webhook.signatures == [webhook.signature(endpoint.secret)]
        assert webhook.path == "/hooks?from=gateway"
        assert webhook.fields["content-type"] == "application/json"
        assert abs(int(webhook.fields["webhook-timestamp"]) - time.time()) < 60
        alert = webhook.content["data"]["alert"]
        assert (alert["id"], alert["incident_id"]) == (alert_id, incident_id)
    first, second, third = (webhook.content["data"]["alert"] for webhook in webhooks)
    assert first["status"] == "firing" and first["close"] is None
    assert second["status"] == "resolved" and second["close"]["comment"] == "on it"
    assert third["close"]["state"] == "confirmed"
    eventually(lambda: len(endpoint.deliveries("?state=delivered")) == 3, "all are delivered")
    listed = endpoint.deliveries()
    assert [item["id"] for item in listed] == [webhook.id for webhook in reversed(webhooks)]
    assert listed[0]["last_attempt"]["status_code"] == 204
    shown = told.gateway.get(f"{endpoint.path}/deliveries/{listed[0]['id']}")
    assert shown["body"].encode() == third_body(receiver)
    assert endpoint.stored()["last_success_at"] is not None


def third_body(receiver: Receiver) -> bytes:
    return receiver.received[2].body


def test_events_are_asked_for(told: Connected, receiver: Receiver) -> None:
    make_endpoint(told.gateway, receiver.url, events=["alert.updated", "alert.refired"])
    incident_id = new_id()
    for payload in (
        new(incident_id, EPOCH), updated(incident_id, EPOCH + 1, flapping=True),
        closed(incident_id, EPOCH + 2), reopened(incident_id, EPOCH + 3),
    ):
        told.source.deliver(payload)
    webhooks = receiver.wait_for(2)
    assert [webhook.type for webhook in webhooks] == ["alert.updated", "alert.refired"]
    stays(lambda: len(receiver.received) == 2, "nothing else is told", 0.3)


def test_what_is_not_taken_is_posted_again_in_order(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    receiver.next_statuses = [500, 302]
    receiver.fields = {"Location": receiver.url}
    incident_id, other_id = new_id(), new_id()
    first = told.source.fire(new(incident_id, EPOCH))
    receiver.wait_for(1)
    told.source.deliver(closed(incident_id, EPOCH + 1))
    other = told.source.fire(new(other_id, EPOCH))
    # The other alert's waits 5 s after the redirect, which is not followed.
    eventually(lambda: len(receiver.taken) == 3, "all were taken", 20)
    mine = [webhook for webhook in receiver.received if webhook.alert_id == first]
    assert [webhook.type for webhook in mine] == [
        "alert.created", "alert.created", "alert.resolved",
    ]
    assert mine[0].id == mine[1].id and mine[0].body == mine[1].body
    assert mine[1].signatures == [mine[1].signature(endpoint.secret)]
    theirs = [webhook for webhook in receiver.received if webhook.alert_id == other]
    assert [webhook.status for webhook in theirs] == [302, 204]
    retried = next(item for item in endpoint.deliveries() if item["id"] == mine[0].id)
    eventually(lambda: len(endpoint.deliveries("?state=delivered")) == 3, "that is noted")
    assert retried["attempts"] == 2


def test_an_endpoint_asks_for_time(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    receiver.status, receiver.fields = 429, {"Retry-After": "200"}
    told.source.fire(new(new_id(), EPOCH))

    def tried() -> dict[str, Any] | None:
        return next((item for item in endpoint.deliveries() if item["attempts"] == 1), None)

    delivery = eventually(tried, "it was tried")
    waited = datetime.fromisoformat(delivery["next_attempt_at"]) - datetime.fromisoformat(
        delivery["created_at"]
    )
    assert 200 <= waited.total_seconds() < 220, waited


@on_both_stores
def test_what_is_owed_survives_a_kill(
    told: Connected, receiver: Receiver, store: Database | None
) -> None:
    gateway = told.gateway
    make_endpoint(gateway, receiver.url)
    receiver.status = HANG
    alerts = {told.source.fire(new(new_id(), EPOCH)) for _ in range(5)}
    receiver.wait_for(1)
    gateway.kill()
    receiver.status = 200
    if store is not None:
        # Where another gateway might live, a claim ends after a minute, which is let pass.
        store.sql("UPDATE webhook_endpoints SET held_until = 0")
    gateway.start_again()
    eventually(lambda: {webhook.alert_id for webhook in receiver.taken} == alerts, "all came", 30)


def test_an_endpoint_that_hangs_holds_up_no_stop(told: Connected, receiver: Receiver) -> None:
    make_endpoint(told.gateway, receiver.url)
    receiver.status = HANG
    alert_id = told.source.fire(new(new_id(), EPOCH))
    receiver.wait_for(1)
    assert told.gateway.stop() == 0
    receiver.status = 204
    told.gateway.start_again()
    eventually(lambda: receiver.taken, "it was posted again", 30)
    assert receiver.received[1].alert_id == alert_id
    assert receiver.received[1].id == receiver.received[0].id


def test_both_secrets_sign_during_a_rotation(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    rotated = keep(told.gateway, endpoint.post("/rotate-secret", {"overlap_seconds": 600}))
    endpoint.post("/test")
    (webhook,) = receiver.wait_for(1)
    assert webhook.content["type"] == "endpoint.test"
    assert webhook.signatures == [
        webhook.signature(rotated.secret), webhook.signature(endpoint.secret),
    ]
    assert endpoint.stored()["previous_secret_expires_at"] is not None
    last = keep(told.gateway, endpoint.post("/rotate-secret", {"overlap_seconds": 0}))
    endpoint.post("/test")
    webhook = receiver.wait_for(2)[1]
    assert webhook.signatures == [webhook.signature(last.secret)]


def test_an_endpoint_that_is_gone_is_disabled_and_enabled_again(
    told: Connected, receiver: Receiver
) -> None:
    gateway = told.gateway
    endpoint = make_endpoint(gateway, receiver.url)
    receiver.status = 410
    told.source.fire(new(new_id(), EPOCH))
    eventually(lambda: not endpoint.stored()["enabled"], "it is disabled")
    assert endpoint.stored()["disabled_reason"] == "gone"
    told.source.fire(new(new_id(), EPOCH))
    assert_problem(gateway.api("POST", endpoint.path + "/test"), 409, "endpoint_disabled")
    findings = gateway.get("/v1/status")["findings"]
    assert any(finding["code"] == "webhook_endpoint_disabled" for finding in findings), findings
    (entry,) = gateway.items(f"/v1/audit?object_id={endpoint.id}&actor=gateway")
    assert entry["action"] == "webhook_endpoint.update"
    receiver.status = 200
    answer = gateway.api("PATCH", endpoint.path, {"enabled": True})
    assert answer.status == 200 and answer.json()["disabled_reason"] is None
    # What was owed comes, what happened meanwhile does not.
    eventually(lambda: len(receiver.taken) == 1, "what waited was posted")
    assert len(endpoint.deliveries()) == 1


def test_a_delivery_is_replayed_under_its_id(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    told.source.fire(new(new_id(), EPOCH))
    (webhook,) = receiver.wait_for(1)
    eventually(lambda: endpoint.deliveries("?state=delivered"), "it is delivered")
    replayed = endpoint.post(f"/deliveries/{webhook.id}/replay")
    assert replayed["state"] == "pending" and replayed["id"] == webhook.id
    again = receiver.wait_for(2)[1]
    assert (again.id, again.body) == (webhook.id, webhook.body)
    answer = told.gateway.api("POST", f"{endpoint.path}/deliveries/msg_9_z/replay")
    assert_problem(answer, 404, "not_found")
    actions = [item["action"] for item in told.gateway.items("/v1/audit?limit=2")]
    assert actions == ["webhook_delivery.replay", "webhook_endpoint.create"]


def test_an_answer_is_read_up_to_a_bound(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    receiver.status, receiver.body = 200, bytes(1 << 20)
    endpoint.post("/test")
    eventually(lambda: endpoint.deliveries("?state=delivered"), "it counts as delivered")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1:1/", "insecure_url"), ("https://127.0.0.1:1/", "address_refused"),
        ("https://[::ffff:10.0.0.1]/", "address_refused"),
        ("https://169.254.169.254/latest", "address_refused"),
        ("ftp://a.example/", "invalid_field"),
    ],
)
def test_private_addresses_are_refused(gateway: Gateway, url: str, code: str) -> None:
    answer = gateway.api("POST", "/v1/webhook-endpoints", {"name": "paging", "url": url})
    assert_problem(answer, 422, code)
    assert gateway.items("/v1/webhook-endpoints") == []


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433"])
def test_a_name_that_leads_to_a_private_address_is_refused(
    start_gateway: Callable[..., Gateway], receiver: Receiver, host: str
) -> None:
    """The addresses that are allowed are not this machine's."""
    gateway = start_gateway(GATEWAY_WEBHOOK_ALLOW_PRIVATE="10.0.0.0/8")
    endpoint = make_endpoint(gateway, receiver.url.replace("127.0.0.1", host))
    endpoint.post("/test")
    attempt = eventually(lambda: endpoint.deliveries()[0]["last_attempt"], "it was tried")
    assert "GATEWAY_WEBHOOK_ALLOW_PRIVATE" in attempt["error"]
    assert receiver.received == []


def test_a_viewer_sees_no_more_than_the_host(told: Connected, receiver: Receiver) -> None:
    gateway = told.gateway
    make_endpoint(gateway, receiver.url)
    token = gateway.api("POST", "/v1/tokens", {"name": "eve", "role": "viewer"}).json()["token"]
    answer = request(gateway.address, "GET", "/v1/webhook-endpoints", token=token)
    (item,) = answer.json()["items"]
    assert item["url"] == receiver.url.partition("/hooks")[0] + "/…"
    assert "secret" not in item


def test_figures_tell_of_webhooks(told: Connected, receiver: Receiver) -> None:
    endpoint = make_endpoint(told.gateway, receiver.url)
    told.source.fire(new(new_id(), EPOCH))
    eventually(lambda: endpoint.deliveries("?state=delivered"), "it was taken")
    receiver.next_statuses = [503]
    told.source.fire(new(new_id(), EPOCH))
    eventually(lambda: endpoint.deliveries()[0]["attempts"] == 1, "it was tried")
    text = told.gateway.api("GET", "/metrics").body.decode()
    assert 'bigpanda_gateway_outbound_posts_total{outcome="failed"} 1\n' in text
    assert 'bigpanda_gateway_outbound_posts_total{outcome="delivered"} 1\n' in text
    assert "bigpanda_gateway_outbound_pending 1" in text
