"""A store that cannot be written: 503 and why, nothing half done, and back without a restart."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import Gateway, Source
from http_client import assert_problem, request
from payloads import EPOCH, new, new_id
from stub import Stub
from waiting import eventually

# Promised: back within 5 s; twice that lets a busy machine pass.
BACK_SECONDS_MAX = 10.0
# Promised: 100 ms; a busy machine may take longer, a loop that waits for a disk takes seconds.
HEALTH_SECONDS_MAX = 1.0
CONFIGURATION_ERROR = 78


def run(*command: object) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert result.returncode == 0, f"{command}: {result.stderr}"


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts something as the directory of the next gateway's files."""
    target = tmp_path / "gateway0" / "data"
    if os.geteuid() != 0:
        pytest.skip("mounting needs root, or: unshare --map-root-user --mount make e2e")
    target.mkdir(parents=True)

    def mounted(*options: object) -> Path:
        run("mount", *options, target)
        target.chmod(0o700)
        return target

    yield mounted
    while os.path.ismount(target):
        run("umount", "--lazy", target)


def sourced(gateway: Gateway, stub: Stub) -> Source:
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    return gateway.create_source(answer.json()["id"])


def send_until_refused(source: Source, kept: list[str], refused: list[str]) -> None:
    """Webhooks until three in a row were refused as they should be."""
    for _ in range(5000):
        incident_id = new_id()
        answer = source.post(new(incident_id, EPOCH))
        if answer.status == 200:
            kept.append(incident_id)
            continue
        assert_problem(answer, 503)
        assert int(answer.header("Retry-After") or "0") > 0, answer.headers
        refused.append(incident_id)
        if len(refused) >= 3:
            return
    raise AssertionError("it never refused")


def assert_not_ready(gateway: Gateway, reason: str) -> None:
    answer = request(gateway.address, "GET", "/readyz")
    assert answer.status == 503, answer
    assert reason in answer.json()["checks"]["store"], answer
    assert reason in gateway.process.said()
    for _ in range(20):
        started = time.monotonic()
        assert request(gateway.address, "GET", "/healthz").status == 200
        assert time.monotonic() - started < HEALTH_SECONDS_MAX


def assert_back(source: Source, report: Callable[[str], None], what: str) -> str:
    """Ready again by itself, and taking webhooks in."""
    gateway, started = source.gateway, time.monotonic()
    eventually(
        lambda: request(gateway.address, "GET", "/readyz").status == 200,
        "ready again",
        BACK_SECONDS_MAX,
    )
    report(f"{what}: ready again after {time.monotonic() - started:.1f} s")
    incident_id = new_id()
    source.fire(new(incident_id, EPOCH))
    return incident_id


def assert_kept(gateway: Gateway, kept: list[str], refused: list[str]) -> None:
    assert all(gateway.find_alert(incident_id) for incident_id in kept)
    assert not any(gateway.find_alert(incident_id) for incident_id in refused)
    gateway.kill_and_restart()
    assert all(gateway.find_alert(incident_id) for incident_id in kept)
    assert not any(gateway.find_alert(incident_id) for incident_id in refused)
    gateway.stop()
    with sqlite3.connect(gateway.data / "gateway.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def test_a_full_disk(
    mount: Callable[..., Path], start_gateway: Any, stub: Stub, report: Callable[[str], None]
) -> None:
    data = mount("-t", "tmpfs", "-o", "size=2m", "tmpfs")
    gateway = start_gateway()
    source = sourced(gateway, stub)
    kept = [new_id()]
    alert_id = source.fire(new(kept[0], EPOCH))
    filler = data / "filler"
    with pytest.raises(OSError), filler.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass
    refused: list[str] = []
    send_until_refused(source, kept, refused)
    assert_not_ready(gateway, "no room left")
    answer = gateway.api("POST", f"/v1/alerts/{alert_id}/resolve")
    assert_problem(answer, 503)
    assert gateway.alert(alert_id)["status"] == "firing", "half done"
    filler.unlink()
    kept.append(assert_back(source, report, "full disk"))
    gateway.resolve(alert_id)
    assert_kept(gateway, kept, refused)


def test_a_file_system_that_turns_read_only(
    mount: Callable[..., Path],
    start_gateway: Any,
    stub: Stub,
    tmp_path: Path,
    report: Callable[[str], None],
) -> None:
    image = tmp_path / "image"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    run("mkfs.ext4", "-q", image)
    data = mount("-o", "loop", image)
    gateway = start_gateway()
    source = sourced(gateway, stub)
    kept, refused = [new_id()], []
    source.fire(new(kept[0], EPOCH))
    # As the kernel does by itself after an error of the disk.
    run("mount", "-o", "remount,abort", data)
    send_until_refused(source, kept, refused)
    assert_not_ready(gateway, "check its permissions and mount")
    # What the disk holds, mended and mounted anew; the broken one lives on until its files close.
    run("umount", "--lazy", data)
    mended = tmp_path / "mended"
    shutil.copy(image, mended)
    mount("-o", "loop", mended)
    kept.append(assert_back(source, report, "read-only file system"))
    assert_kept(gateway, kept, refused)


def test_a_directory_that_goes_away(
    start_gateway: Any, stub: Stub, report: Callable[[str], None]
) -> None:
    gateway = start_gateway()
    source = sourced(gateway, stub)
    kept, refused = [new_id()], []
    source.fire(new(kept[0], EPOCH))
    away = gateway.directory / "away"
    gateway.data.rename(away)
    send_until_refused(source, kept, refused)
    assert len(kept) == 1, "acknowledged into a file that nobody will find again"
    assert_not_ready(gateway, "put it back")
    assert not gateway.data.exists(), "made anew"
    away.rename(gateway.data)
    kept.append(assert_back(source, report, "directory away"))
    assert_kept(gateway, kept, refused)


def damaged(database: Path) -> bytes:
    """Ours by its header, and nothing after it."""
    data = bytearray(database.read_bytes())
    data[4096:] = b"\xa5" * (len(data) - 4096)
    return bytes(data)


def foreign(database: Path) -> bytes:
    database.unlink()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE somebody_elses(x)")
    connection.close()
    return database.read_bytes()


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(damaged, id="damaged"),
        pytest.param(foreign, id="foreign"),
        pytest.param(lambda _: b"no database at all\n" * 400, id="text"),
    ],
)
def test_a_file_that_is_not_a_store_is_refused(
    gateway: Gateway, spoil: Callable[[Path], bytes]
) -> None:
    gateway.stop()
    database = gateway.data / "gateway.db"
    content = spoil(database)
    database.write_bytes(content)
    before = {path.name for path in gateway.data.iterdir()}
    said = len(gateway.process.said())
    gateway.launch()
    gateway.ended_on_purpose = True
    assert gateway.process.wait() == CONFIGURATION_ERROR
    lines = gateway.process.said()[said:].strip().splitlines()
    assert len(lines) == 1 and "GATEWAY_STORE" in lines[0], lines
    assert database.read_bytes() == content, "the file was touched"
    left = {path.name for path in gateway.data.iterdir()} - before
    assert left <= {"gateway.db-shm", "gateway.db-wal"}, left
