"""A new master key for an SQLite store: at no moment is there one that does not open it."""

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from audit_log import of_operator
from conftest import Connected
from gateway import Gateway
from lane import at_once
from payloads import EPOCH, new
from test_backup import CONFIGURATION_ERROR, assert_refused, back_up, run
from command_line import CommandLine

SHIM = Path(__file__).with_name("kill_at.c")
# More than a change takes; each is a write, a name or a wait for the disk.
STEPS_MAX = 120
OTHER_KEY = "A" * 43 + "="


def fingerprint(text: str) -> str:
    (found,) = re.findall(r"\b[0-9a-f]{16}\b", text)
    return found


def test_the_key_is_changed_and_closes_go_on(connected: Connected, tmp_path: Path) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.fault("resolve", "status", status=503, times=0)
    gateway.resolve(alert_id)
    backup = tmp_path / "backup.db"
    back_up(gateway, backup)
    refused = run(gateway, "key", "rotate")
    assert_refused(refused, "another gateway uses", CONFIGURATION_ERROR)
    gateway.stop()
    key = gateway.data / "master.key"
    old = key.read_bytes()
    result = run(gateway, "key", "rotate")
    assert result.returncode == 0, result.stderr
    assert "1 API keys were sealed anew" in result.stdout, result.stdout
    previous = gateway.data / "master.key.previous"
    assert key.read_bytes() != old and previous.read_bytes() == old
    assert old.decode().strip() not in result.stdout + result.stderr
    for path in (key, previous):
        assert path.stat().st_mode & 0o777 == 0o600
    # A second change would lose the key that backups want.
    assert_refused(run(gateway, "key", "rotate"), "earlier change", CONFIGURATION_ERROR)
    kept = tmp_path / "kept.key"
    previous.rename(kept)
    stub.clear_faults()
    gateway.start_again()
    gateway.wait_for_close(alert_id, "confirmed", 60)
    change = ("master_key.rotate", fingerprint(result.stdout), "done")
    assert of_operator(gateway) == [change]
    told = CommandLine(gateway.binary, gateway.directory, gateway).run("doctor").stdout
    (line,) = [line for line in told.splitlines() if "master key" in line]
    assert fingerprint(line) == fingerprint(result.stdout) and line.startswith("ok"), told
    assert key.read_text().strip() not in told
    # The backup is of before.
    gateway.stop()
    assert_refused(run(gateway, "restore", str(backup)), "master key")
    restored = run(gateway, "restore", str(backup), "--master-key-file", str(kept))
    assert restored.returncode == 0, restored.stderr


def test_a_key_of_ones_own(gateway: Gateway, tmp_path: Path) -> None:
    gateway.stop()
    file = tmp_path / "new.key"
    file.write_text("no key\n")
    before = (gateway.data / "master.key").read_text()
    result = run(gateway, "key", "rotate", "--new-key-file", str(file))
    assert_refused(result, "32 bytes in base64", CONFIGURATION_ERROR)
    assert (gateway.data / "master.key").read_text() == before
    file.write_text(OTHER_KEY + "\n")
    result = run(gateway, "key", "rotate", "--new-key-file", str(file))
    assert result.returncode == 0, result.stderr
    assert (gateway.data / "master.key").read_text() == OTHER_KEY + "\n"
    gateway.start_again()


def test_neither_key(gateway: Gateway) -> None:
    gateway.stop()
    settings = gateway.settings | {
        "GATEWAY_MASTER_KEY": OTHER_KEY,
        "GATEWAY_MASTER_KEY_PREVIOUS": base64.b64encode(b"b" * 32).decode(),
    }
    command = [gateway.binary, "serve"]
    environment = {"PATH": os.environ["PATH"]} | settings
    result = subprocess.run(
        command, cwd=gateway.directory, env=environment, capture_output=True, text=True, timeout=30
    )
    assert_refused(result, "the store wants key", CONFIGURATION_ERROR)
    # Either will do.
    key = (gateway.data / "master.key").read_text().strip()
    gateway.settings |= {"GATEWAY_MASTER_KEY": OTHER_KEY, "GATEWAY_MASTER_KEY_PREVIOUS": key}
    gateway.start_again()
    gateway.stop()
    told = CommandLine(gateway.binary, gateway.directory).run("doctor", **gateway.settings).stdout
    assert "FAIL  master key" in told and "previous master key" in told, told
    for command in (["key", "rotate"], ["token", "rotate", "--admin-token-file", "nowhere"]):
        refused = CommandLine(gateway.binary, gateway.directory).run(*command, **gateway.settings)
        assert refused.returncode == CONFIGURATION_ERROR, refused
    resealed = CommandLine(gateway.binary, gateway.directory).run(
        "key", "reseal", **gateway.settings
    )
    assert resealed.returncode == 0, resealed.stderr
    del gateway.settings["GATEWAY_MASTER_KEY_PREVIOUS"]
    gateway.start_again()


@pytest.fixture
def shim(tmp_path: Path) -> Path:
    library = tmp_path / "kill_at.so"
    subprocess.run(
        ["gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-D_GNU_SOURCE"]
        + ["-o", str(library), str(SHIM)],
        check=True,
    )
    return library


def test_killed_at_every_step(
    connected: Connected,
    start_gateway: Callable[..., Gateway],
    shim: Path,
    tmp_path: Path,
    report: Callable[[str], None],
) -> None:
    gateway = connected.gateway
    gateway.stop()
    prepared = tmp_path / "prepared"
    shutil.copytree(gateway.data, prepared)
    states: set[tuple[Any, ...]] = set()
    # What was left behind, one of each kind.
    left: dict[tuple[Any, ...], Path] = {}
    for n in range(1, STEPS_MAX):
        shutil.rmtree(gateway.data)
        shutil.copytree(prepared, gateway.data)
        line = CommandLine(gateway.binary, gateway.directory)
        ended = line.run("key", "rotate", LD_PRELOAD=str(shim), KILL_AT=str(n))
        if ended.returncode == 0:
            break
        assert ended.returncode == -9, ended
        states |= {state_of(gateway.data)}
        if (state := state_of(gateway.data, exact=True)) not in left:
            left[state] = shutil.copytree(gateway.data, tmp_path / f"left{n}")
        again = run(gateway, "key", "rotate")
        # What was killed after its last change has nothing left to do.
        is_done = "earlier change" in again.stderr
        assert again.returncode == 0 or is_done, (n, again.stderr)
        (gateway.data / "master.key.previous").unlink()
        checked = CommandLine(gateway.binary, gateway.directory).run("doctor").stdout
        assert "the store is sealed with it" in checked, (n, checked)
    else:
        raise AssertionError("it takes more steps than were tried")
    assert n > 15, "the steps are not seen"
    assert len(states) > 2, states
    # They are many, and keep no rate together.
    connected.stub.settings(rate_per_second=0)
    assert_all_open(left.values(), start_gateway, connected.integration["id"])
    report(f"key rotate was killed before each of its {n - 1} steps on the disk")
    gateway.start_again()


def state_of(data: Path, exact: bool = False) -> tuple[Any, ...]:
    """Which files there are and how far the change got, without what differs each time."""
    names = tuple(sorted(path.name for path in data.iterdir() if "-shm" not in path.name))
    key = (data / "master.key").read_text()
    previous = data / "master.key.previous"
    is_same = previous.exists() and previous.read_text() == key
    if not exact:
        return names, is_same
    sizes = tuple((data / name).stat().st_size for name in names)
    return names, is_same, sizes


def assert_all_open(
    left: Iterable[Path], start_gateway: Callable[..., Gateway], integration_id: str
) -> None:
    gateways = [
        start_gateway(
            GATEWAY_STORE=f"sqlite:{directory}/gateway.db",
            GATEWAY_ADMIN_TOKEN_FILE=f"{directory}/admin-token",
        )
        for directory in left
    ]
    assert len(gateways) > 4, gateways
    # At once, as each makes its first call to BigPanda only after a second.
    at_once(lambda it=gateway: assert_opens(it, integration_id) for gateway in gateways)


def assert_opens(gateway: Gateway, integration_id: str) -> None:
    answer = gateway.api("POST", f"/v1/integrations/{integration_id}/check")
    assert answer.status == 200 and answer.json()["state"] == "connected", answer
