"""The power fails: what was not synced is gone or torn, and nothing acknowledged is lost."""

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

import pytest

import disk
from conftest import OnDisk
from disk import Disk
from kept import assert_whole, copied, lost_of, seconds_to_ready
from payloads import EPOCH, new, new_id
from storm import Promises, Storm
from waiting import eventually

# `make soak` raises it to 200.
CUTS = int(os.environ.get("GATEWAY_POWER_CUTS", "50"))
# Set to play the same cuts again; the storm between them is another one each time.
SEED = int(os.environ.get("GATEWAY_POWER_SEED", str(random.randrange(1 << 32))))
# Each comes when a log of lone webhooks is full, after some 300 of them.
CUTS_BETWEEN_SLICES = CUTS // 5
# A disk that loses what was acknowledged is noticed within so many.
CUTS_TO_NOTICE = 5


class PowerCuts:
    """A gateway under a storm whose power fails again and again."""

    def __init__(self, on_disk: OnDisk, copy: Path) -> None:
        self.gateway, self.layer = on_disk.gateway, on_disk.disk
        self._source = on_disk.connected.source
        self._copy = copy
        self._random = random.Random(SEED)
        self.everything = Promises()
        self.whats: dict[str, int] = {}
        self.ready_after: list[float] = []

    def storm_until_cut(self, number: int) -> tuple[str, Promises]:
        """What was acknowledged before the power failed, half the time in a sync."""
        storm = Storm(self.gateway, self._source)
        eventually(lambda: storm.promises.count > 0, "something acknowledged", 30)
        if number % 2 == 0:
            what = "at any moment"
            # A guess on purpose: the cut is to hit anything at all.
            time.sleep(self._random.random() * 0.15)
            self.gateway.kill()
        else:
            what = self._cut_in_sync()
        self.whats[what] = self.whats.get(what, 0) + 1
        return what, storm.stop()

    def _cut_in_sync(self) -> str:
        seed = self._random.randrange(1 << 62)
        # The file itself is synced only when the log is moved into it, now and then.
        if self._random.random() < 0.3:
            what, files, after = "in a checkpoint", disk.DATABASE, 1
        else:
            what, files, after = "in a commit", disk.LOG, self._random.randint(1, 40)
        self.layer.cut_in_sync(after, seed, files)
        self.gateway.ended_on_purpose = True
        status = self.gateway.process.wait(30)
        assert status == -9, f"ended with {status}: {self.gateway.process.said()[-2000:]}"
        return what

    def lost(self, promises: Promises) -> str:
        """What is missing after a cut; a file that is not whole fails."""
        assert not promises.odd, promises.odd[:3]
        with copied(self.gateway.data / "gateway.db", self._copy) as copy:
            assert_whole(copy, "the file is damaged")
            return lost_of(copy, promises)

    def run(self, count: int) -> None:
        for number in range(count):
            what, promises = self.storm_until_cut(number)
            lost = self.lost(promises)
            assert not lost, f"seed {SEED}, cut {number} {what}: {lost}"
            self.everything.add(promises)
            self.ready_after.append(seconds_to_ready(self.gateway))
        self.gateway.kill()
        lost = self.lost(self.everything)
        assert not lost, f"seed {SEED}, after {count} cuts: {lost}"
        self.gateway.start_again()


@pytest.fixture
def power_cuts(start_on_disk: Callable[..., OnDisk], tmp_path: Path) -> PowerCuts:
    return PowerCuts(start_on_disk(buffers=1), tmp_path / "copy")


def test_no_power_cut_loses_what_was_acknowledged(
    power_cuts: PowerCuts, report: Callable[[str], None]
) -> None:
    power_cuts.run(CUTS)
    kept = power_cuts.everything
    ready = sorted(power_cuts.ready_after)
    report(
        f"{CUTS} power cuts ({power_cuts.whats}): {len(kept.fired)} creations, {len(kept.closed)} "
        f"closes, {len(kept.resolved)} resolves acknowledged, 0 lost; ready after "
        f"{ready[len(ready) // 2] * 1000:.0f} ms (median), {ready[-1] * 1000:.0f} ms (longest)"
    )


def test_no_power_cut_between_slices_loses_what_was_acknowledged(
    start_on_disk: Callable[..., OnDisk], tmp_path: Path
) -> None:
    """A log of lone webhooks goes into the file in slices, any of which may be the last."""
    on_disk = start_on_disk(buffers=1)
    gateway, database = on_disk.gateway, on_disk.database
    chance = random.Random(SEED)
    kept: set[str] = set()
    for _ in range(CUTS_BETWEEN_SLICES):
        gateway.ended_on_purpose = True
        on_disk.disk.cut_in_sync(chance.randint(2, 9), chance.randrange(1 << 62), disk.DATABASE)
        with contextlib.suppress(OSError, HTTPException):
            while True:
                incident_id = new_id()
                on_disk.connected.source.fire(new(incident_id, EPOCH))
                kept.add(incident_id)
        assert gateway.process.wait(30) == -9
        with copied(database, tmp_path / "copy") as copy:
            assert_whole(copy, f"seed {SEED}")
            there = {row[0] for row in copy.execute("SELECT incident_id FROM alerts")}
        assert kept <= there, f"seed {SEED}: {len(kept - there)} of {len(kept)} lost"
        seconds_to_ready(gateway)
    assert len(kept) > CUTS_BETWEEN_SLICES * 200


@pytest.mark.parametrize(
    "word, value",
    [
        pytest.param("synchronous", disk.OFF, id="synchronous-off"),
        pytest.param("synchronous", disk.NORMAL, id="synchronous-normal"),
        pytest.param("sync_lies", 1, id="a-disk-that-lies"),
    ],
)
def test_a_commit_that_does_not_reach_the_disk_is_noticed(
    power_cuts: PowerCuts, word: str, value: int
) -> None:
    """The proof that these cuts show a loss where there is one."""
    power_cuts.layer.set(word, value)
    power_cuts.gateway.kill_and_restart()
    assert (power_cuts.layer.get("pragmas_changed") > 0) == (word == "synchronous")
    for number in range(CUTS_TO_NOTICE):
        _, promises = power_cuts.storm_until_cut(number)
        if power_cuts.lost(promises):
            return
        seconds_to_ready(power_cuts.gateway)
    raise AssertionError(f"nothing was lost in {CUTS_TO_NOTICE} cuts")


def test_a_cut_leaves_some_sectors_behind(disk_library: Path, tmp_path: Path) -> None:
    """A transaction without a journal, cut in its sync: for one seed or another it is half there.
    So the cuts above do tear what they hit, and the file is whole because SQLite made it so."""
    writes = (
        "import sqlite3, sys; store = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "store.execute('PRAGMA journal_mode=OFF'); store.execute('CREATE TABLE t(x)');"
        "store.execute('INSERT INTO t VALUES ' + ','.join(['(randomblob(1000))'] * 50))"
    )
    for seed in range(20):
        database = tmp_path / f"{seed}.db"
        layer = Disk(disk_library, tmp_path / "page", buffers=1)
        layer.cut_in_sync(2, seed, disk.DATABASE)
        command = [sys.executable, "-c", writes, database]
        assert subprocess.run(command, env=os.environ | layer.settings).returncode == -9
        with contextlib.closing(sqlite3.connect(database)) as store, contextlib.suppress(
            sqlite3.DatabaseError
        ):
            if store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]:
                continue
        return
    raise AssertionError("all or nothing, twenty times")
