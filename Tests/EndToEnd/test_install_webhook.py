"""Setting up BigPanda's Webhook v2 for a source, as far as its documents allow."""

from typing import Any

from command_line import CommandLine
from conftest import Connected
from http_client import Response, assert_problem, request
from payloads import new, new_id
from test_commands import command  # noqa: F401

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
