"""The audit log: every change, who made it and from where, and nothing secret."""

import json
import sqlite3

import pytest

from command_line import CommandLine
from conftest import Connected
from http_client import request
from payloads import EPOCH, new, new_id
from test_roles import make
from test_sessions import Client
from waiting import eventually


def test_every_change_of_a_life_is_told_once(connected: Connected) -> None:
    gateway, stub, source = connected.gateway, connected.stub, connected.source
    integration = f"/v1/integrations/{connected.integration['id']}"
    path = f"/v1/sources/{source.id}"
    assert gateway.api("PATCH", integration, {"name": "b", "x": 1}).status == 200
    assert gateway.api("PATCH", integration, {"api_key": "BPU-not-a-good-key"}).status == 422
    assert gateway.api("POST", f"{integration}/check").status == 200
    assert gateway.api("DELETE", integration).status == 409
    assert gateway.api("PATCH", path, {"enabled": True}).status == 200
    rotated = gateway.api("POST", f"{path}/rotate-secret", {"overlap_seconds": 60}).json()
    gateway.secrets.add(rotated["secret"])
    alert = source.fire(new(new_id(), EPOCH))
    for _ in range(2):
        gateway.resolve(alert, "a comment that is nobody else's business")
    close = gateway.close_of(alert)
    assert close
    eventually(lambda: gateway.close_of(alert)["state"] == "failed", "there is no such incident")
    assert gateway.api("POST", f"/v1/closes/{close['id']}/retry").status == 200
    assert gateway.api("POST", f"/v1/closes/{close['id']}/cancel").status == 200
    [delivery] = gateway.items("/v1/deliveries?limit=1")
    replay = f"/v1/deliveries/{delivery['id']}/replay"
    assert gateway.api("POST", replay, {"dry_run": True}).status == 200
    assert gateway.api("POST", replay, {}).status == 200
    token = make(gateway, "ann", "admin")
    client = Client(gateway)
    client.sign_in(token["token"])
    line = CommandLine(gateway.binary, gateway.directory, gateway)
    assert line.run("source", "remove", source.id).returncode == 0
    assert client("DELETE", "/v1/session").status == 204
    assert gateway.api("DELETE", f"/v1/tokens/{token['id']}").status == 204
    assert gateway.api("DELETE", "/v1/sessions").status == 204
    entries = gateway.items("/v1/audit?limit=500")[::-1]
    told = [
        (item["action"], item["actor"]["kind"], " ".join(item["fields"]), item["outcome"])
        for item in entries
    ]
    assert told == [
        ("integration.create", "token", "name api_key base_url", "done"),
        ("source.create", "token", "name integration_id", "done"),
        ("integration.update", "token", "name", "done"),
        ("integration.check", "token", "state", "done"),
        ("integration.delete", "token", "", "refused"),
        ("source.update", "token", "enabled", "done"),
        ("source.rotate_secret", "token", "overlap_seconds", "done"),
        ("alert.resolve", "token", "comment", "done"),
        ("alert.resolve", "token", "comment", "unchanged"),
        ("close.retry", "token", "", "done"),
        ("close.cancel", "token", "", "done"),
        ("delivery.replay", "token", "", "done"),
        ("token.create", "token", "name role", "done"),
        ("session.create", "session", "", "done"),
        ("source.delete", "cli", "", "done"),
        ("session.delete", "session", "", "done"),
        ("token.revoke", "token", "", "done"),
        ("session.delete_all", "token", "", "unchanged"),
    ]
    assert {item["actor"]["peer"] for item in entries} == {"127.0.0.1"}
    names = {item["actor"]["name"] for item in entries if item["actor"]["kind"] == "session"}
    assert names == {"ann"} and entries[13]["actor"]["session_id"] == entries[13]["object_id"]
    assert "business" not in json.dumps(entries) and "not-a-good-key" not in json.dumps(entries)
    ids = [item["id"] for item in gateway.items(f"/v1/audit?object_id={source.id}")]
    assert ids == [item["id"] for item in entries[::-1] if item["object_id"] == source.id]
    assert len(gateway.items("/v1/audit?actor=ann")) == 2
    page = gateway.get("/v1/audit?limit=17&action=")
    assert page["next_cursor"] and len(page["items"]) == 17
    rest = gateway.items(f"/v1/audit?cursor={page['next_cursor']}")
    assert [item["id"] for item in rest] == [entries[0]["id"]]
    shown = line.run("audit", "list", "--action", "token.revoke", "--json")
    assert [item["object_id"] for item in json.loads(shown.stdout)["items"]] == [token["id"]]
    assert "source.delete" in line.run("audit", "list").stdout
    assert stub.key[-4:] not in json.dumps(entries)


def test_what_the_gateway_finds_by_itself_is_told_as_its_own(connected: Connected) -> None:
    gateway, stub, source = connected.gateway, connected.stub, connected.source
    alert = source.fire(new(stub.create(share=False), EPOCH))
    stub.fault("resolve", kind="status", status=401)
    gateway.resolve(alert)
    path = f"/v1/integrations/{connected.integration['id']}"
    eventually(lambda: gateway.get(path)["state"] == "key_rejected", "the key is rejected")
    [entry] = gateway.items("/v1/audit?action=integration.check")
    assert (entry["actor"]["kind"], entry["actor"]["name"]) == ("system", "gateway")
    assert entry["object_id"] == connected.integration["id"] and entry["actor"]["peer"] == ""
    # What a change sets going is not that of whoever made the change.
    stub.fault("resolve", kind="status", status=401)
    assert gateway.api("PATCH", path, {"api_key": stub.key}).status == 200

    def told() -> list[tuple[str, str]]:
        items = gateway.items(f"/v1/audit?object_id={connected.integration['id']}")
        return [(item["action"], item["actor"]["kind"]) for item in items]

    eventually(lambda: len(told()) > 3, "the key is rejected again")
    assert told() == [
        ("integration.check", "system"), ("integration.update", "token"),
        ("integration.check", "system"), ("integration.create", "token"),
    ]


def test_the_file_itself_refuses_to_have_it_changed(connected: Connected) -> None:
    with sqlite3.connect(connected.gateway.data / "gateway.db") as store:
        for attempt in ("UPDATE audit SET actor_name = 'x'", "DELETE FROM audit"):
            with pytest.raises(sqlite3.DatabaseError, match="can only be added to"):
                store.execute(attempt)


def test_commands_make_list_and_revoke_tokens(connected: Connected) -> None:
    gateway = connected.gateway
    line = CommandLine(gateway.binary, gateway.directory, gateway)
    made = line.run("token", "create", "--name", "ann", "--role", "viewer", "--json")
    token = json.loads(made.stdout)
    gateway.secrets.add(token["token"])
    listed = line.run("token", "list").stdout
    assert "ann" in listed and "viewer" in listed and token["token"] not in listed
    refused = line.run("source", "list", GATEWAY_ADMIN_TOKEN=token["token"])
    assert refused.returncode == 0, refused
    refused = line.run("source", "remove", connected.source.id, GATEWAY_ADMIN_TOKEN=token["token"])
    assert refused.returncode == 1 and "[admin_required]" in refused.stderr, refused
    assert line.run("token", "revoke", token["id"]).returncode == 0
    ended = request(gateway.address, "GET", "/v1/alerts", token=token["token"])
    assert ended.status == 401
    wrong = line.run("token", "create", "--name", "b", "--role", "root")
    assert wrong.returncode == 1 and "role: must be one of" in wrong.stderr, wrong
