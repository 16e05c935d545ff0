"""The journal on the command line, and whom it names as sender."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from command_line import CommandLine
from conftest import Connected
from gateway import Gateway
from journal import newest, newest_refused
from payloads import new, new_id


def test_the_peer_is_the_sender_behind_trusted_proxies(
    start_gateway: Callable[..., Gateway], stub: Any
) -> None:
    gateway = start_gateway(GATEWAY_TRUSTED_PROXIES="127.0.0.0/8")
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    headers = {"X-Forwarded-For": "203.0.113.9, 198.51.100.7"}
    assert source.post(new(new_id()), headers=headers).status == 200
    assert newest(gateway)["peer"] == "198.51.100.7"


def test_the_commands_list_show_and_replay(
    connected: Connected, binary: str, tmp_path: Path
) -> None:
    gateway, source = connected.gateway, connected.source
    payload = new(new_id())
    source.deliver(payload)
    assert source.post(b"{").status == 400
    newest_refused(gateway, "not_json")

    def run(*arguments: str) -> str:
        return CommandLine(binary, tmp_path, gateway).said("delivery", *arguments)

    items = json.loads(run("list", "--json"))["items"]
    assert [item["outcome"] for item in items] == ["refused", "created"]
    assert "refused: not_json" in run("list", "--outcome", "refused")
    assert "created" not in run("list", "--outcome", "refused")
    shown = run("show", items[1]["id"])
    assert json.dumps(payload) in shown and "Content-Type: application/json" in shown
    assert json.loads(run("show", items[1]["id"], "--json"))["body"] == json.dumps(payload)
    assert "Would be duplicate" in run("replay", items[1]["id"], "--dry-run")
    assert "Outcome duplicate" in run("replay", items[1]["id"])
    assert json.loads(run("list", "--json"))["items"][0]["replay_of"] == items[1]["id"]
    assert "delivery" in subprocess.run([binary, "--help"], capture_output=True, text=True).stdout
