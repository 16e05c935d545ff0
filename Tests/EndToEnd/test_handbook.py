"""Recovery as `docs/operations.md` tells it, followed word by word from a backup to PostgreSQL."""

import base64
import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import runbook
from conftest import Connected, connect
from gateway import Gateway
from handbook import Operator
from http_client import request
from payloads import EPOCH, new, new_id
from postgres import Database
from processes import environment
from stub import Stub


class Machine:
    """Directories in place of those that the package has."""

    def __init__(self, directory: Path, binary: str) -> None:
        self.places = {
            "/etc/bigpanda-gateway": directory / "etc",
            "/var/lib/bigpanda-gateway": directory / "state",
            "/var/backups": directory / "backups",
        }
        for place in self.places.values():
            place.mkdir()
        programs = directory / "programs"
        programs.mkdir()
        (programs / runbook.PROGRAM).symlink_to(binary)
        self._path = f"{programs}:{os.environ['PATH']}"
        self._home = directory

    def here(self, text: str) -> str:
        for name, place in self.places.items():
            text = text.replace(name, str(place))
        return text

    def write(self, name: str, text: str) -> None:
        path = self.places["/etc/bigpanda-gateway"] / name
        path.write_text(text + "\n")
        path.chmod(0o600)

    def run(self, line: str, settings: dict[str, str]) -> str:
        own = {name: self.here(value) for name, value in settings.items()} | {"PATH": self._path}
        result = subprocess.run(
            ["sh", "-euc", self.here(line)], env=environment(self._home, own),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        said = result.stdout + result.stderr
        # The tests' server doesn't wait for its disk, and the doctor is to say so.
        failed = re.findall(r"^FAIL  (?!store durability: fsync is off)", said, re.MULTILINE)
        is_expected = "FAIL  store durability" in said and not failed
        assert result.returncode == (1 if is_expected else 0), f"{line}: {said}"
        return result.stdout


@pytest.fixture
def machine(tmp_path: Path, binary: str) -> Machine:
    machine = Machine(tmp_path, binary)
    for name in ("master-key", "admin-token"):
        machine.write(name, base64.b64encode(os.urandom(32)).decode())
    return machine


@pytest.fixture
def connected(machine: Machine, start_gateway: Callable[..., Gateway], stub: Stub) -> Connected:
    return connect(
        start_gateway(
            GATEWAY_STORE=machine.here("sqlite:/var/lib/bigpanda-gateway/gateway.db"),
            GATEWAY_MASTER_KEY_FILE=machine.here("/etc/bigpanda-gateway/master-key"),
            GATEWAY_ADMIN_TOKEN_FILE=machine.here("/etc/bigpanda-gateway/admin-token"),
        ),
        stub,
    )


@pytest.fixture
def operator(machine: Machine, connected: Connected) -> Operator:
    operator = Operator(connected.gateway, machine.run)
    operator.settings["GATEWAY_URL"] = f"http://127.0.0.1:{connected.gateway.port}"
    return operator


def test_recovery_from_one_end_to_the_other(
    connected: Connected, operator: Operator, machine: Machine, database: Database
) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.fault("resolve", "status", status=503, times=0)
    owed = connected.source.fire(new(stub.create(share=False), EPOCH))
    gateway.resolve(owed)

    assert "1 alerts" in operator.follow("Backup")
    later = new_id()
    connected.source.fire(new(later, EPOCH))
    assert "1 alerts restored" in operator.follow("Restore")
    assert gateway.find_alert(later) is None
    assert gateway.close_of(owed)["state"] in ("pending", "sending")

    key = machine.places["/etc/bigpanda-gateway"] / "master-key"
    before = key.read_text()
    assert "1 API keys were sealed anew" in operator.follow("Change the master key")
    assert key.with_name("master-key.previous").read_text() == before != key.read_text()
    answer = gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    assert answer.json()["state"] == "connected", answer

    old = gateway.token
    operator.follow("Change the admin token")
    assert gateway.token != old
    for token in (old, gateway.token):
        assert request(gateway.address, "GET", "/v1/alerts", token=token).status == 200

    machine.write("store", database.address())
    gateway.secrets |= database.secrets
    let_the_service_use_the_database(gateway, machine)
    said = operator.follow("From SQLite to PostgreSQL")
    assert "All of it was counted" in said and "ok    ready" in said, said
    assert owed in said, said
    assert database.sql("SELECT id FROM alerts") == owed
    assert gateway.close_of(owed)["state"] in ("pending", "sending")


def let_the_service_use_the_database(gateway: Gateway, machine: Machine) -> None:
    """By the addition to the unit that the handbook shows, as systemd would take it."""
    addition = runbook.addition_to_unit().removeprefix("[Service]\n")
    lines = dict(line.split("=", 1) for line in addition.splitlines())
    name, _, path = lines["LoadCredential"].partition(":")
    for setting in lines["Environment"].split():
        variable, _, value = setting.partition("=")
        gateway.settings[variable] = value.replace(f"%d/{name}", machine.here(path))
