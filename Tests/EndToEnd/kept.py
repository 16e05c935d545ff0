"""Whether what the gateway promised is in its file, and whether the file is whole."""

import contextlib
import shutil
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from gateway import Gateway
from http_client import request
from storm import Promises


@contextlib.contextmanager
def copied(database: Path, directory: Path) -> Iterator[sqlite3.Connection]:
    """The database with its log, as another process would find them now."""
    directory.mkdir()
    try:
        for name in (database.name, database.name + "-wal", database.name + "-journal"):
            if (database.parent / name).exists():
                shutil.copy(database.parent / name, directory)
        with contextlib.closing(sqlite3.connect(directory / database.name)) as connection:
            yield connection
    finally:
        shutil.rmtree(directory)


def assert_whole(copy: sqlite3.Connection, when: str) -> None:
    assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)], when


def lost_of(copy: sqlite3.Connection, promises: Promises) -> str:
    """What is missing of what was acknowledged; empty when nothing is."""
    rows = copy.execute(
        "SELECT a.id, a.incident_id, a.is_firing, a.resolved_by_kind, c.id"
        " FROM alerts a LEFT JOIN closes c ON c.key = a.close_key"
    ).fetchall()
    alerts = {row[1]: row for row in rows}
    known = {(row[1], row[0]) for row in rows}
    there = {incident for incident, id in promises.fired.items() if (incident, id) in known}
    closed = {incident for incident, row in alerts.items() if not row[2]}
    owed = {row[0] for row in rows if not row[2] and row[3] == "user" and row[4]}
    counts = {
        "creations": (len(promises.fired.keys() - there), len(promises.fired)),
        "closes": (len(promises.closed - closed), len(promises.closed)),
        "resolves": (len(promises.resolved - owed), len(promises.resolved)),
    }
    return ", ".join(
        f"{lost} of {count} {what} lost" for what, (lost, count) in counts.items() if lost
    )


def assert_kept(copy: sqlite3.Connection, promises: Promises) -> None:
    lost = lost_of(copy, promises)
    assert not lost, lost


def seconds_to_ready(gateway: Gateway) -> float:
    gateway.launch()
    while True:
        gateway.process.give_up_if_ended()
        with contextlib.suppress(OSError):
            if request(gateway.address, "GET", "/readyz", timeout=2).status == 200:
                return time.monotonic() - gateway.process.started_at
        assert time.monotonic() - gateway.process.started_at < 30, "it does not get ready"
        time.sleep(0.002)
