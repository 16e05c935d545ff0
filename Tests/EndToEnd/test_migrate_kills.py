"""`migrate` killed at any moment: run again, everything is there once, and the file as it was."""

import hashlib
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Connected
from events_storm import encoded
from flood import Flood, webhook_request
from gateway import Gateway
from kept import copied
from payloads import EPOCH, new, new_id
from postgres import Database, PostgresServer
from processes import Process
from test_backup import run
from waiting import eventually

# `make soak` raises them.
KILLS = int(os.environ.get("GATEWAY_MIGRATE_KILLS", "12"))
ALERTS = int(os.environ.get("GATEWAY_MIGRATE_ALERTS", "1000"))
CLOSES = 10

# What tells every row from every other, in words that both databases understand.
ROWS = {
    "integrations": "key, id, name, created_at",
    "sources": "key, id, integration_key, delivery_count",
    "source_secrets": "id, source_key, position",
    "alerts": "key, id, incident_id, sequence, updated_at",
    "transitions": "key, alert_key, at, outcome, delivery_key",
    "closes": "key, id, alert_key, state, attempts",
    "delivery_blocks": "key, content_bytes, length(content)",
    "deliveries": "key, received_at, outcome, incident_id, alert_id, block_key, content_at",
}


def selects() -> dict[str, str]:
    return {table: f"SELECT {words} FROM {table} ORDER BY 1, 2" for table, words in ROWS.items()}


@pytest.fixture
def killed(connected: Connected) -> Gateway:
    """A gateway with something of everything, killed: much of it is in the store's log only."""
    gateway, source = connected.gateway, connected.source
    connected.stub.fault("resolve", "status", status=503, times=0)
    with Flood(gateway.address, 16) as flood:
        bodies = (encoded(new(new_id(), EPOCH)) for _ in range(ALERTS))
        for answer in flood.exchange((None, webhook_request(source, body)) for body in bodies):
            assert answer.status == 200, answer
    for alert in gateway.items(f"/v1/alerts?limit={CLOSES}"):
        gateway.resolve(alert["id"])
    gateway.kill()
    return gateway


def digests(gateway: Gateway) -> dict[str, str]:
    """What the store's files hold; the third is the log's index, made anew by who opens it."""
    files = [gateway.data / name for name in ("gateway.db", "gateway.db-wal")]
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def rows_of(copy: sqlite3.Connection) -> dict[str, list[str]]:
    return {
        table: ["|".join("" if it is None else str(it) for it in row) for row in copy.execute(sql)]
        for table, sql in selects().items()
    }


class Target:
    """A database that the store moves into."""

    def __init__(self, server: PostgresServer, directory: Path) -> None:
        self.database: Database = server.database()
        self.file = directory / f"address-{self.database.name}"
        self.file.write_text(self.database.address())

    def has_tables(self) -> bool:
        """Asked when the server has let go of whoever was connected."""
        count = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'gateway' AND datname = '{}'"
        words = f"SELECT ({count}), to_regclass('alerts') IS NOT NULL".format(self.database.name)
        answer = eventually(
            lambda: (found := self.database.sql(words)).startswith("0|") and found,
            "the server noticed",
        )
        return answer == "0|t"

    def rows(self) -> dict[str, list[str]]:
        return {t: self.database.sql(sql).splitlines() for t, sql in selects().items()}


def start(gateway: Gateway, target: Target) -> Process:
    return Process(
        [gateway.binary, "migrate", "--to-file", str(target.file)],
        directory=gateway.directory,
        name="migrate",
    )


def test_a_killed_move_is_run_again(
    killed: Gateway, postgres: PostgresServer, tmp_path: Path, report: Callable[[str], None]
) -> None:
    before = digests(killed)
    with copied(killed.data / "gateway.db", tmp_path / "copy") as copy:
        expected = rows_of(copy)
    assert len(expected["alerts"]) == ALERTS and len(expected["closes"]) == CLOSES
    target = Target(postgres, tmp_path)
    began = time.monotonic()
    assert start(killed, target).wait(60) == 0
    duration = time.monotonic() - began
    assert target.rows() == expected
    complete = 0
    target = Target(postgres, tmp_path)
    for index in range(KILLS):
        process = start(killed, target)
        # A guess on purpose: one is to hit each part of the way, and a few its very end.
        time.sleep((index + random.random()) / KILLS * duration * 1.15)
        process.send(signal.SIGKILL)
        process.wait()
        if target.has_tables():
            assert target.rows() == expected, "a part of it came"
            complete += 1
            again = run(killed, "migrate", "--to-file", str(target.file))
            assert again.returncode == 1 and "all of it is there" in again.stderr, again
            target = Target(postgres, tmp_path)
    assert complete < KILLS, "nothing was hit"
    last = run(killed, "migrate", "--to-file", str(target.file))
    assert last.returncode == 0, last
    assert target.rows() == expected
    assert digests(killed) == before
    report(
        f"migrate of {ALERTS} alerts takes {duration:.2f} s; killed {KILLS} times, of which "
        f"{complete} after its end: nothing or all was there, and run again, all once"
    )
