"""The commands, as a person or a script runs them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import runbook
from command_line import CommandLine
from conftest import Connected
from gateway import Gateway
from payloads import EPOCH, new, new_id
from processes import free_port
from stub import Stub
from waiting import eventually


@pytest.fixture
def command(binary: str, tmp_path: Path, gateway: Gateway) -> CommandLine:
    return CommandLine(binary, tmp_path, gateway)


@pytest.fixture
def alone(binary: str, tmp_path: Path) -> CommandLine:
    return CommandLine(binary, tmp_path)


def test_version(alone: CommandLine) -> None:
    result = alone.run("version")
    assert result.returncode == 0 and re.search(r"\d+\.\d+", result.stdout), result


HELP = [
    "",
    "serve",
    "demo",
    "stub",
    "integration",
    "integration connect",
    "integration list",
    "integration check",
    "integration replace-key",
    "integration canary",
    "integration remove",
    "config",
    "config reference",
    "openapi",
    "source",
    "source create",
    "source list",
    "source show",
    "source change",
    "source rotate",
    "source install-webhook",
    "source remove",
    "alert",
    "alert list",
    "alert show",
    "alert resolve",
    "close",
    "close list",
    "close retry",
    "close cancel",
    "delivery",
    "delivery list",
    "delivery show",
    "delivery replay",
    "endpoint",
    "endpoint create",
    "endpoint list",
    "endpoint enable",
    "endpoint disable",
    "endpoint rotate",
    "endpoint remove",
    "endpoint test",
    "endpoint deliveries",
    "endpoint replay",
    "doctor",
    "healthcheck",
    "backup",
    "restore",
    "migrate",
    "key",
    "key rotate",
    "key reseal",
    "token",
    "token create",
    "token list",
    "token revoke",
    "token rotate",
    "audit",
    "audit list",
    "version",
]


def test_each_command_explains_itself(alone: CommandLine) -> None:
    assert set(runbook.program(alone.binary).names()) == set(HELP)
    for name in HELP:
        result = alone.run(*name.split(), "--help")
        assert result.returncode == 0, (name, result)
        assert "USAGE" in result.stdout.upper(), (name, result)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(alone: CommandLine, shell: str) -> None:
    result = alone.run("--generate-completion-script", shell)
    assert result.returncode == 0 and "bigpanda-gateway" in result.stdout


def test_an_unknown_command_is_refused(alone: CommandLine) -> None:
    result = alone.run("zebra")
    assert result.returncode != 0 and result.stderr


def test_from_the_key_to_the_close(command: CommandLine, gateway: Gateway, stub: Stub) -> None:
    """A whole set-up without a browser or an HTTP client."""
    gateway.secrets.add(stub.key)
    connect = ["integration", "connect", "--name", "prod", "--base-url", stub.base_url]
    integration = command.json(*connect, stdin=stub.key + "\n")
    assert integration["key_suffix"] == stub.key[-4:]
    assert command.json("integration", "list")["items"][0]["id"] == integration["id"]
    assert command.json("integration", "check", integration["id"])["state"] == "connected"

    create = ["source", "create", "--name", "BigPanda", "--integration", integration["id"]]
    source = command.json(*create)
    gateway.secrets.add(source["secret"])
    assert command.json("source", "list")["items"][0]["id"] == source["id"]

    stub.send_webhooks(source["callback_url"], source["secret"])
    incident_id = stub.create(title="Disk full")
    alert = wait_for_alert(command, "firing")
    assert alert["incident_id"] == incident_id
    assert command.json("alert", "show", alert["id"])["timeline"]

    resolved = command.json("alert", "resolve", alert["id"], "--comment", "from the shell")
    assert resolved["status"] == "resolved"
    stub.wait_until_closed(incident_id)
    assert stub.resolves(incident_id)[0]["comments"].endswith(": from the shell")
    (close,) = command.json("close", "list")["items"]
    assert close["id"] == resolved["close"]["id"]


def wait_for_alert(command: CommandLine, status: str) -> dict[str, Any]:
    items = eventually(
        lambda: command.json("alert", "list", "--status", status)["items"], "an alert"
    )
    return items[0]


def test_lists_are_tables_without_json(connected: Connected, command: CommandLine) -> None:
    connected.source.fire(new(new_id(), EPOCH))
    for name, words in {
        "alert": ["firing", "db-prod-1"],
        "integration": ["production", "connected", connected.stub.key[-4:]],
        "source": ["BigPanda"],
        "close": [],
    }.items():
        result = command.run(name, "list")
        assert result.returncode == 0, result
        for word in words:
            assert word in result.stdout, (name, result.stdout)
        assert not result.stdout.startswith("{")


def test_a_refused_key_is_told_and_fails(
    command: CommandLine, gateway: Gateway, stub: Stub
) -> None:
    key = "BPU-wrong-" + "0123456789"
    connect = ["integration", "connect", "--name", "prod", "--base-url", stub.base_url]
    result = command.run(*connect, stdin=key)
    assert result.returncode == 1, result
    assert "rejected" in result.stderr.lower(), result
    assert key not in result.stderr + result.stdout
    assert gateway.items("/v1/integrations") == []


def test_a_key_is_no_argument(command: CommandLine, stub: Stub) -> None:
    result = command.run("integration", "connect", "--help")
    assert "--api-key" not in result.stdout and "--key " not in result.stdout


def test_a_key_comes_from_a_file(command: CommandLine, stub: Stub, tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text(stub.key + "\n")
    connect = ["integration", "connect", "--name", "prod", "--base-url", stub.base_url]
    result = command.json(*connect, "--key-file", str(path))
    assert result["key_suffix"] == stub.key[-4:]


def test_closes_are_cancelled_from_the_shell(connected: Connected, command: CommandLine) -> None:
    stub = connected.stub
    stub.fault("resolve", "status", status=503, times=0)
    alert_id = connected.source.fire(new(stub.create(share=False), EPOCH))
    close_id = connected.gateway.resolve(alert_id)["close"]["id"]
    result = command.run("close", "cancel", close_id)
    assert result.returncode == 0, result
    connected.gateway.wait_for_close(alert_id, "cancelled")


@pytest.mark.parametrize(
    "arguments",
    [
        ["alert", "show", "none"],
        ["alert", "resolve", "none"],
        ["close", "retry", "none"],
        ["integration", "check", "none"],
    ],
)
def test_what_is_not_there_fails(command: CommandLine, arguments: list[str]) -> None:
    result = command.run(*arguments)
    assert result.returncode == 1 and result.stderr, result


def test_a_wrong_token_fails(command: CommandLine) -> None:
    result = command.run("alert", "list", GATEWAY_ADMIN_TOKEN="wrong")
    assert result.returncode == 1 and result.stderr, result


def test_a_token_comes_from_a_file_or_a_flag(command: CommandLine, gateway: Gateway) -> None:
    token = command.settings.pop("GATEWAY_ADMIN_TOKEN")
    assert command.run("alert", "list", "--token", token).returncode == 0
    path = str(gateway.data / "admin-token")
    assert command.run("alert", "list", GATEWAY_ADMIN_TOKEN_FILE=path).returncode == 0


def test_an_absent_gateway_is_told(alone: CommandLine) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    result = alone.run("alert", "list", "--url", url, "--token", "a" * 32)
    assert result.returncode == 1 and url.removeprefix("http://") in result.stderr, result


def test_healthcheck(command: CommandLine, gateway: Gateway) -> None:
    assert command.run("healthcheck").returncode == 0
    assert command.run("healthcheck", "--url", f"http://127.0.0.1:{gateway.port}").returncode == 0
    assert gateway.stop() == 0
    assert command.run("healthcheck").returncode == 1


def doctor(connected: Connected, command: CommandLine, **settings: str) -> Any:
    directory, command.directory = command.directory, connected.gateway.directory
    try:
        return command.run("doctor", **(connected.gateway.settings | settings))
    finally:
        command.directory = directory


def test_doctor_finds_nothing_wrong(connected: Connected, command: CommandLine) -> None:
    result = doctor(connected, command)
    assert result.returncode == 0, result
    assert len(result.stdout.strip().splitlines()) >= 4, result.stdout


def test_doctor_finds_what_is_wrong(connected: Connected, command: CommandLine) -> None:
    result = doctor(connected, command, GATEWAY_LOG_LEVEL="loud")
    assert result.returncode == 1, result
    assert "GATEWAY_LOG_LEVEL" in result.stdout + result.stderr


def test_doctor_notices_a_refused_key(connected: Connected, command: CommandLine) -> None:
    connected.stub.allow_keys()
    assert doctor(connected, command).returncode == 1
    # What it found is kept, so the key is good again before the end.
    connected.stub.allow_keys(connected.stub.key)
