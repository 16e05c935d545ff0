"""A source whose webhooks stay away though they usually come, as everybody is told of it."""

from typing import Any

import quiet
from command_line import CommandLine
from conftest import Connected, on_both_stores
from payloads import new, new_id
from postgres import Database
from test_commands import command, doctor  # noqa: F401
from waiting import eventually


def told(connected: Connected) -> list[dict[str, Any]]:
    findings = connected.gateway.get("/v1/status")["findings"]
    return [finding for finding in findings if finding["code"] == "source_quiet"]


def gauge(connected: Connected) -> str:
    name = f'bigpanda_gateway_source_quiet{{source="{connected.source.id}"}} '
    lines = connected.gateway.api("GET", "/metrics").body.decode().splitlines()
    return "".join(line.removeprefix(name) for line in lines if line.startswith(name))


@on_both_stores
def test_a_silence_out_of_the_ordinary_is_told_until_a_webhook_comes(
    connected: Connected, store: Database | None, command: CommandLine  # noqa: F811
) -> None:
    gateway, source = connected.gateway, connected.source
    source.fire(new(new_id()))
    assert gauge(connected) == "0"
    gateway.stop()
    quiet.write(gateway, store, source.id, quiet.learned(1, silent_spans=12, bits=48.0))
    gateway.start_again()

    (finding,) = eventually(lambda: told(connected), "the quiet source is told")
    assert finding["severity"] == "warning" and finding["subject"] == "BigPanda", finding
    assert "12 of its last 12 spans of ten minutes bring one" in finding["seen"], finding
    assert gateway.get("/v1/status")["status"] == "degraded"
    stored = gateway.get(f"/v1/sources/{source.id}")
    assert stored["traffic"] == {
        "state": "quiet", "days_learned": 21, "silent_spans": 12, "missed_spans": 12,
    }
    assert gauge(connected) == "1"
    assert "WARN  BigPanda: No webhook has come for " in doctor(connected, command).stdout
    shown = command.run("source", "show", source.id).stdout
    assert "QUIET: 12 of the last 12 spans of ten minutes usually bring a webhook" in shown, shown

    # Nobody wants to know.
    shown = command.run("source", "change", source.id, "--quiet-watch", "off").stdout
    assert "Quiet watch    off" in shown, shown
    assert told(connected) == [] and gauge(connected) == ""
    command.run("source", "change", source.id, "--quiet-watch", "on")
    assert gauge(connected) == "1"

    # One webhook ends it, at once.
    source.fire(new(new_id()))
    assert told(connected) == [] and gauge(connected) == "0"
    assert gateway.get(f"/v1/sources/{source.id}")["traffic"]["state"] == "normal"
