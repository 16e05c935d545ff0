"""A store that cannot be written: 503 and why, nothing half done, and back without a restart."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway import Gateway, Source
from http_client import assert_problem
from payloads import EPOCH, new, new_id
from stub import Stub
from trouble import assert_back, assert_kept, assert_not_ready, send_until_refused

CONFIGURATION_ERROR = 78


def run(*command: object) -> None:
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert result.returncode == 0, f"{command}: {result.stderr}"


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., Path]]:
    """Mounts something as the directory of the next gateway's files."""
    target = tmp_path / "gateway0" / "data"
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


@pytest.mark.root
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


@pytest.mark.root
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
