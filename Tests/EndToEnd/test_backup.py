"""Copies of the store, made under load, and put in its place."""

import contextlib
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit_log import of_operator
from conftest import Connected
from gateway import Gateway
from kept import assert_kept
from payloads import EPOCH, new, new_id
from processes import environment
from storm import Promises, Storm
from waiting import eventually

CONFIGURATION_ERROR = 78


def run(gateway: Gateway, *words: str) -> subprocess.CompletedProcess[str]:
    """A command as somebody runs it beside the gateway."""
    return subprocess.run(
        [gateway.binary, *words],
        cwd=gateway.directory,
        env=environment(gateway.directory),
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
    )


def back_up(gateway: Gateway, file: Path) -> None:
    result = run(gateway, "backup", str(file))
    assert result.returncode == 0, result.stderr
    assert " alerts, " in result.stdout, result.stdout


def assert_refused(result: subprocess.CompletedProcess[str], words: str, status: int = 1) -> None:
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1 and words in lines[0], lines


def test_a_backup_under_a_storm_holds_what_was_acknowledged(
    connected: Connected, tmp_path: Path, report: Callable[[str], None]
) -> None:
    gateway = connected.gateway
    storm = Storm(gateway, connected.source)
    try:
        eventually(lambda: storm.promises.count > 1000, "a storm", 60)
        before = Promises(
            dict(storm.promises.fired), set(storm.promises.closed), set(storm.promises.resolved)
        )
        file = tmp_path / "backup.db"
        back_up(gateway, file)
        sent = storm.promises.count
        eventually(lambda: storm.promises.count > sent + 200, "the storm goes on", 30)
    finally:
        promises = storm.stop()
    assert not promises.odd, promises.odd[:3]
    assert promises.refused == 0, "webhooks were refused"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.glob("backup.db*")] == ["backup.db"]
    with contextlib.closing(sqlite3.connect(file)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert_kept(copy, before)
        # One moment: nothing in it hangs in the air.
        assert copy.execute(
            "SELECT count(*) FROM alerts WHERE transition_key NOT IN (SELECT key FROM transitions)"
        ).fetchone() == (0,)
    report(
        f"backup of {file.stat().st_size >> 10} KiB under a storm: {before.count} acknowledged "
        f"before it, all there"
    )


def test_a_restored_store_goes_on_where_the_backup_was_made(
    connected: Connected, tmp_path: Path
) -> None:
    gateway, stub, source = connected.gateway, connected.stub, connected.source
    owed = stub.create(share=False)
    owed_alert = source.fire(new(owed, EPOCH))
    over = stub.create(share=False)
    over_alert = source.fire(new(over, EPOCH))
    stub.fault("resolve", "status", status=503, times=0)
    gateway.resolve(owed_alert)
    file = tmp_path / "backup.db"
    back_up(gateway, file)
    # What happens after the backup, and is told to nobody.
    later = new_id()
    source.fire(new(later, EPOCH))
    stub.close(over, share=False)
    gateway.stop()
    stub.clear_faults()
    result = run(gateway, "restore", str(file))
    assert result.returncode == 0, result.stderr
    assert "2 alerts restored" in result.stdout, result.stdout
    replaced = gateway.data.glob("gateway.db.before-*")
    (aside,) = [path for path in replaced if not path.name.endswith("-wal")]
    with contextlib.closing(sqlite3.connect(aside)) as connection:
        rows = connection.execute("SELECT incident_id FROM alerts").fetchall()
    assert (later,) in rows, "the store that was there is kept"
    gateway.start_again()
    assert gateway.find_alert(later) is None
    assert of_operator(gateway) == [("store.restore", "", "done")]
    gateway.wait_for_close(owed_alert, "confirmed", 60)
    resolved = gateway.wait_for_status(over_alert, "resolved", 30)
    assert resolved["resolved_by"]["kind"] == "reconcile", resolved


def test_restoring_to_an_empty_directory(
    connected: Connected, start_gateway: Any, tmp_path: Path
) -> None:
    gateway = connected.gateway
    incident_id = new_id()
    connected.source.fire(new(incident_id, EPOCH))
    file = tmp_path / "backup.db"
    back_up(gateway, file)
    key = gateway.data / "master.key"
    kept_key = tmp_path / "kept.key"
    shutil.copy(key, kept_key)
    gateway.stop()
    shutil.rmtree(gateway.data)
    assert_refused(run(gateway, "restore", str(file)), "GATEWAY_MASTER_KEY", CONFIGURATION_ERROR)
    result = run(gateway, "restore", str(file), "--master-key-file", str(kept_key))
    assert result.returncode == 0, result.stderr
    shutil.copy(kept_key, key)
    gateway.start_again()
    alert = gateway.find_alert(incident_id)
    assert alert is not None and alert["status"] == "firing"


def test_a_backup_overwrites_nothing(gateway: Gateway, tmp_path: Path) -> None:
    file = tmp_path / "backup.db"
    file.write_text("mine")
    assert_refused(run(gateway, "backup", str(file)), "is there already")
    assert file.read_text() == "mine"
    missing = tmp_path / "nowhere" / "backup.db"
    assert_refused(run(gateway, "backup", str(missing)), "no such file or directory")
    partial = tmp_path / "other.db.partial"
    partial.write_text("broken off")
    assert_refused(run(gateway, "backup", str(tmp_path / "other.db")), "Remove it if none is")
    assert partial.read_text() == "broken off"


def test_a_backup_of_nothing(gateway: Gateway, tmp_path: Path) -> None:
    store = f"sqlite:{tmp_path / 'none.db'}"
    result = run(gateway, "backup", "--store", store, str(tmp_path / "backup.db"))
    assert_refused(result, "There is no file")
    assert not list(tmp_path.glob("backup.db*"))
    text = tmp_path / "text.db"
    text.write_text("no database at all\n" * 400)
    result = run(gateway, "backup", "--store", f"sqlite:{text}", str(tmp_path / "backup.db"))
    assert_refused(result, "is not a database")
    assert not list(tmp_path.glob("backup.db*"))


def damaged(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[8192:] = b"\xa5" * (len(data) - 8192)
    file.write_bytes(data)


def text(file: Path) -> None:
    file.write_text("no database at all\n" * 400)


def with_log(file: Path) -> None:
    (file.parent / (file.name + "-wal")).write_bytes(b"x" * 100)


@pytest.mark.parametrize(
    "spoil, words",
    [(damaged, "damaged"), (text, "is not a database"), (with_log, "a log lies beside it")],
)
def test_what_is_no_backup_is_not_restored(
    connected: Connected, tmp_path: Path, spoil: Callable[[Path], None], words: str
) -> None:
    gateway = connected.gateway
    incident_id = new_id()
    connected.source.fire(new(incident_id, EPOCH))
    file = tmp_path / "backup.db"
    back_up(gateway, file)
    spoil(file)
    gateway.stop()
    before = sorted(path.name for path in gateway.data.iterdir())
    assert_refused(run(gateway, "restore", str(file)), words)
    assert sorted(path.name for path in gateway.data.iterdir()) == before
    gateway.start_again()
    assert gateway.find_alert(incident_id) is not None


def test_nothing_is_restored_under_a_running_gateway_or_with_another_key(
    connected: Connected, tmp_path: Path
) -> None:
    gateway = connected.gateway
    file = tmp_path / "backup.db"
    back_up(gateway, file)
    result = run(gateway, "restore", str(file))
    assert_refused(result, "another gateway uses", CONFIGURATION_ERROR)
    gateway.stop()
    other = tmp_path / "other.key"
    other.write_text("A" * 43 + "=\n")
    other.chmod(0o600)
    result = run(gateway, "restore", str(file), "--master-key-file", str(other))
    assert_refused(result, "master key")
    gateway.start_again()
