"""Setting up BigPanda's Webhook v2 for a source, as far as its documents allow."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from command_line import CommandLine
from conftest import Connected, on_both_stores
from http_client import Response, assert_problem, request
from payloads import new, new_id
from test_commands import command  # noqa: F401
from waiting import eventually

INTEGRATIONS = "/resources/v2.1/integrations"


def vendor(connected: Connected, method: str, path: str, json: Any = None) -> Response:
    stub = connected.stub
    return request(stub.address, method, path, json=json, token=stub.key)


def outbound(connected: Connected) -> list[dict[str, Any]]:
    return vendor(connected, "GET", INTEGRATIONS).json()


def add_example(connected: Connected) -> None:
    """One of somebody else's, which shows what names a trigger."""
    event = {"kind_of_event": "default", "enabled": True, "method": "POST", "body": {}}
    config = {"config": {"base_url": "https://elsewhere.example"}, "events": [event]}
    wish = {"name": "other", "parent_system_id": "webhook_v2", "workflow_config": config}
    assert vendor(connected, "POST", INTEGRATIONS, wish).status == 201


def test_a_webhook_is_shown_then_set_up_and_its_drift_told(
    connected: Connected, command: CommandLine  # noqa: F811
) -> None:
    gateway, source = connected.gateway, connected.source
    install = ("source", "install-webhook", source.id)
    connected.stub.settings(rate_per_second=0)

    # Nobody knows what names a trigger: nothing is guessed, nothing sent.
    told = command.run(*install, "--apply")
    assert told.returncode == 1 and "no public document" in told.stderr, told
    assert outbound(connected) == []
    path = f"/v1/sources/{source.id}/install-webhook"
    assert_problem(gateway.api("POST", path), 409, "unknown_trigger_key")

    # A dry run shows the call, and makes none.
    add_example(connected)
    told = command.run(*install)
    assert told.returncode == 1, told
    assert f"POST {INTEGRATIONS}" in told.stdout and "kind_of_event" in told.stdout, told
    assert "Bearer (a new secret)" in told.stdout and source.callback_url in told.stdout
    assert len(outbound(connected)) == 1

    # Applied, it is as shown, with a secret that opens the source.
    told = command.run(*install, "--apply")
    assert told.returncode == 0 and "Called BigPanda" in told.stdout, told
    (_, made) = outbound(connected)
    events = made["workflow_config"]["events"]
    secrets = {event["authorization"].removeprefix("Bearer ") for event in events}
    (secret,) = secrets
    gateway.secrets.add(secret)
    assert secret not in told.stdout and secret != source.secret
    body = next(event["body"] for event in events if event["kind_of_event"] == "incident#new")
    incident_id = new_id()
    body["incident"] = body["incident"] | {"id": incident_id}
    answer = source.post(body, token=secret)
    assert answer.status == 200 and answer.json()["status"] == "firing", answer
    # What is still under way with the old one comes in.
    assert source.post(new(new_id())).status == 200
    told = command.run(*install)
    assert told.returncode == 0 and "as it should be" in told.stdout, told

    # Somebody changes it in BigPanda: that is told, and put right.
    events[0]["enabled"] = False
    drifted = {"workflow_config": made["workflow_config"]}
    one = f"{INTEGRATIONS}/{made['id']}"
    assert vendor(connected, "PATCH", one, drifted).status == 200
    told = command.run(*install)
    assert told.returncode == 1 and "- default: is disabled." in told.stdout, told
    assert f"PATCH {one}" in told.stdout
    shown = command.run("source", "show", source.id, "--webhook")
    assert shown.returncode == 0 and "- default: is disabled." in shown.stdout, shown
    assert command.run(*install, "--apply").returncode == 0
    repaired = outbound(connected)[1]["workflow_config"]["events"]
    assert all(event["enabled"] for event in repaired)
    gateway.secrets |= {event["authorization"].removeprefix("Bearer ") for event in repaired}


def test_a_key_that_may_not_changes_nothing(connected: Connected) -> None:
    gateway, source, stub = connected.gateway, connected.source, connected.stub
    add_example(connected)
    path = f"/v1/sources/{source.id}/install-webhook"
    before = gateway.get(f"/v1/sources/{source.id}")["secrets"]
    # Neither what is there may be seen, nor, that being allowed, anything changed.
    for faults in (["status"], ["ok", "status"]):
        for kind in faults:
            stub.fault("any", kind, status=403)
        assert_problem(gateway.api("POST", path, {"apply": True}), 422, "key_forbidden")
        assert gateway.get(f"/v1/sources/{source.id}")["secrets"] == before
    # No answer: nobody knows which secret BigPanda has, so both open the source.
    stub.fault("any", "ok")
    stub.fault("any", "drop")
    assert_problem(gateway.api("POST", path, {"apply": True}), 503, "bigpanda_unreachable")
    secrets = gateway.get(f"/v1/sources/{source.id}")["secrets"]
    assert len(secrets) == 2 and not any(secret["expires_at"] for secret in secrets), secrets
    integration = connected.integration["id"]
    assert gateway.get(f"/v1/integrations/{integration}")["state"] == "connected"


# Long beside what is done meanwhile, and shorter than the gateway waits for an answer.
LATE_MS = 4_000


def install_late(
    connected: Connected, meanwhile: Callable[[], None], then: Callable[[], None] | None = None
) -> Response:
    """What installing answers when BigPanda answers late, and `meanwhile` was done by then; what
    is done `then` may end the call."""
    gateway, stub, source = connected.gateway, connected.stub, connected.source
    add_example(connected)
    stub.forget_calls()
    # The list is told at once; the call that follows is not.
    stub.fault("any", "ok")
    stub.fault("any", "delay", delay_ms=LATE_MS)
    path = f"/v1/sources/{source.id}/install-webhook"
    with ThreadPoolExecutor(1) as pool:
        answer: Future[Response] = pool.submit(
            gateway.api, "POST", path, {"apply": True}, timeout=30)
        eventually(
            lambda: [call["method"] for call in stub.calls()] == ["GET", "POST"],
            "BigPanda is asked to post",
        )
        meanwhile()
        assert not answer.done(), "BigPanda was not late enough"
        if then is not None:
            then()
        return answer.result()


def installed_secret(connected: Connected) -> str:
    """The one that BigPanda uses."""
    events = outbound(connected)[-1]["workflow_config"]["events"]
    (secret,) = {event["authorization"].removeprefix("Bearer ") for event in events}
    connected.gateway.secrets.add(secret)
    return secret


def rotate(connected: Connected, overlap_seconds: int) -> str:
    path = f"/v1/sources/{connected.source.id}/rotate-secret"
    answer = connected.gateway.api("POST", path, {"overlap_seconds": overlap_seconds})
    assert answer.status == 200, answer
    secret = answer.json()["secret"]
    connected.gateway.secrets.add(secret)
    return secret


@on_both_stores
def test_what_is_changed_while_bigpanda_is_asked_stays(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    path = f"/v1/sources/{source.id}"
    made: list[str] = []

    def meanwhile() -> None:
        change = {"name": "renamed", "enabled": False, "quiet_watch": False}
        assert gateway.api("PATCH", path, change).status == 200
        made.append(rotate(connected, 3_600))

    answer = install_late(connected, meanwhile)
    assert answer.status == 200 and answer.json()["applied"], answer
    shown = gateway.get(path)
    told = (shown["name"], shown["enabled"], shown["quiet_watch"])
    assert told == ("renamed", False, False), shown
    # Both new ones stay; the old one ends with the rotation, which ends it sooner.
    secrets = shown["secrets"]
    assert [bool(secret["expires_at"]) for secret in secrets] == [False, False, True], secrets
    assert gateway.api("PATCH", path, {"enabled": True}).status == 200
    for secret in (*made, installed_secret(connected), source.secret):
        assert source.post(new(new_id()), token=secret).status == 200


def test_what_bigpanda_uses_opens_the_source_after_a_rotation(connected: Connected) -> None:
    """One without overlap ends what was there before; BigPanda has taken a secret since."""
    source = connected.source
    made: list[str] = []
    answer = install_late(connected, lambda: made.append(rotate(connected, 0)))
    assert answer.status == 200, answer
    for secret in (*made, installed_secret(connected)):
        assert source.post(new(new_id()), token=secret).status == 200
    assert source.post(new(new_id())).status == 401


def test_only_one_at_a_time_sets_a_webhook_up(connected: Connected) -> None:
    """Two are in each other's way, and which secret BigPanda took last no answer tells."""
    gateway, source = connected.gateway, connected.source
    path = f"/v1/sources/{source.id}/install-webhook"
    during: list[Response] = []

    def meanwhile() -> None:
        during.append(gateway.api("POST", path, {"apply": True}))
        # To look at it is no harm.
        during.append(gateway.api("POST", path))

    answer = install_late(connected, meanwhile)
    assert answer.status == 200 and answer.json()["applied"], answer
    assert_problem(during[0], 409, "conflict")
    assert "being set up already" in during[0].json()["detail"]
    assert during[1].status == 200 and not during[1].json()["applied"], during[1]
    assert len(gateway.get(f"/v1/sources/{source.id}")["secrets"]) == 2
    # The next may, and has nothing to do.
    again = gateway.api("POST", path, {"apply": True})
    assert again.status == 200 and not again.json()["applied"], again


def test_a_refused_installation_takes_back_its_secret_only(connected: Connected) -> None:
    gateway, source, stub = connected.gateway, connected.source, connected.stub
    path = f"/v1/sources/{source.id}"

    def meanwhile() -> None:
        assert gateway.api("PATCH", path, {"name": "renamed"}).status == 200
        stub.allow_keys(forbidden=(stub.key,))

    before = gateway.get(path)["secrets"]
    assert_problem(install_late(connected, meanwhile), 422, "key_forbidden")
    shown = gateway.get(path)
    assert shown["name"] == "renamed" and shown["secrets"] == before, shown


@on_both_stores
@pytest.mark.parametrize("outcome", ["made", "refused", "unknown"])
def test_a_source_that_was_removed_meanwhile_is_told_of(
    connected: Connected, outcome: str
) -> None:
    gateway, source, stub = connected.gateway, connected.source, connected.stub

    def meanwhile() -> None:
        assert gateway.api("DELETE", f"/v1/sources/{source.id}").status == 204
        if outcome == "refused":
            stub.allow_keys(forbidden=(stub.key,))

    answer = install_late(connected, meanwhile, stub.process.kill if outcome == "unknown" else None)
    assert_problem(answer, 404, "not_found")
    detail = answer.json()["detail"]
    words = {"made": " posts to it", "unknown": " may post to it", "refused": "no source with"}
    assert words[outcome] in detail, detail
    assert (source.callback_url in detail) == (outcome != "refused"), detail
    assert gateway.items("/v1/sources") == []
