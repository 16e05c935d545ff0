"""Webhooks that the gateway sends: endpoints that fail for long, replicas, and the commands."""

import json
from collections.abc import Callable
from pathlib import Path

from command_line import CommandLine
from conftest import connect
from fake_clock import FakeClock
from gateway import Gateway
from outbound import ALLOWED, keep, make_endpoint, receiver
from payloads import EPOCH, closed, new, new_id
from postgres import Database
from receiver import Receiver
from stub import Stub
from waiting import eventually, stays

__all__ = ["receiver"]
DAY = 86_400
# As docs/api.md has them.
WAITS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)


def test_an_endpoint_that_fails_for_days_is_disabled(
    start_gateway: Callable[..., Gateway], stub: Stub, receiver: Receiver, tmp_path: Path
) -> None:
    clock = FakeClock(tmp_path / "clock")
    told = connect(start_gateway(**(ALLOWED | clock.settings)), stub)
    endpoint = make_endpoint(told.gateway, receiver.url)
    receiver.status = 500
    told.source.fire(new(new_id(), EPOCH))
    eventually(lambda: endpoint.stored()["failing_since"], "it fails")
    # The steps of the schedule, each up to a fifth longer, as time goes by.
    for number, wait in enumerate(WAITS):
        clock.let_pass(1.2 * wait + 1)
        (delivery,) = eventually(
            lambda: [item for item in endpoint.deliveries() if item["attempts"] == number + 2],
            f"try {number + 2}",
        )
        assert endpoint.stored()["enabled"]
    assert (delivery["state"], delivery["next_attempt_at"]) == ("failed", None)
    clock.let_pass(2 * DAY)
    told.source.deliver(new(new_id(), EPOCH))
    eventually(lambda: not endpoint.stored()["enabled"], "it is disabled")
    assert endpoint.stored()["disabled_reason"] == "failing"
    # Once enabled it gets what waited, and what was given up when somebody wants that.
    receiver.status = 204
    (waiting,) = endpoint.deliveries("?state=pending")
    told.gateway.api("PATCH", endpoint.path, {"enabled": True})
    endpoint.post(f"/deliveries/{delivery['id']}/replay")
    expected = [waiting["id"], delivery["id"]]
    eventually(lambda: [webhook.id for webhook in receiver.taken] == expected, "both came")


def test_replicas_tell_each_thing_once_and_in_order(
    start_gateway: Callable[..., Gateway], stub: Stub, database: Database, receiver: Receiver
) -> None:
    first, other = (start_gateway(**(database.settings() | ALLOWED)) for _ in range(2))
    for gateway in (first, other):
        gateway.secrets |= database.secrets
    eventually(lambda: database.sql("SELECT count(*) FROM replicas") == "2", "both live")
    told = connect(first, stub)
    # What the other takes in is told as soon as the endpoint is answered.
    for number in range(5):
        endpoint = make_endpoint(first, receiver.url, name=f"{number}")
        incident_id = new_id()
        received = len(receiver.received)
        answer = told.source.post(new(incident_id, EPOCH), through=other.address)
        assert answer.status == 200
        told.source.deliver(closed(incident_id, EPOCH + 1))
        receiver.wait_for(received + 2)
        eventually(lambda: len(endpoint.deliveries("?state=delivered")) == 2, "both are taken")
        assert [webhook.type for webhook in receiver.received[received:]] == [
            "alert.created", "alert.resolved",
        ]
        assert first.api("DELETE", endpoint.path).status == 204
    stays(lambda: len(receiver.received) == 10, "nothing comes twice", 0.3)


def test_the_commands_make_try_and_remove_an_endpoint(
    start_gateway: Callable[..., Gateway], receiver: Receiver, binary: str, tmp_path: Path
) -> None:
    gateway = start_gateway(**ALLOWED)

    def run(*arguments: str) -> str:
        return CommandLine(binary, tmp_path, gateway).said("endpoint", *arguments)

    made = json.loads(
        run("create", "--name", "chat", "--target", receiver.url, "--events",
            "alert.created,close.failed", "--json")
    )
    endpoint = keep(gateway, made)
    assert made["events"] == ["alert.created", "close.failed"]
    assert "enabled" in run("list") and endpoint.id in run("list")
    assert "posted now" in run("test", endpoint.id)
    (webhook,) = receiver.wait_for(1)
    eventually(lambda: endpoint.deliveries("?state=delivered"), "it is delivered")
    listed = run("deliveries", endpoint.id, "--state", "delivered")
    assert webhook.id in listed and "endpoint.test" in listed and "204" in listed
    assert webhook.id in run("replay", endpoint.id, webhook.id)
    assert receiver.wait_for(2)[1].id == webhook.id
    assert "is disabled" in run("disable", endpoint.id)
    assert "is enabled" in run("enable", endpoint.id)
    rotated = run("rotate", endpoint.id, "--overlap-seconds", "60")
    secret = next(line for line in rotated.splitlines() if line.startswith("Secret")).split()[1]
    gateway.secrets.add(secret)
    assert secret != endpoint.secret
    assert run("remove", endpoint.id) == "Removed.\n"
    assert gateway.items("/v1/webhook-endpoints") == []
