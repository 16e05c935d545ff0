"""What a failed sync leaves behind: the kernel takes for written what is not on the disk, so that
no later sync brings it there. Nothing that was acknowledged may depend on it."""

import contextlib
import os
import secrets
import sqlite3
from collections.abc import Callable
from pathlib import Path

import disk
from conftest import OnDisk
from http_client import assert_problem
from kept import assert_kept, assert_whole, copied
from payloads import EPOCH, new, new_id
from storm import Storm
from waiting import eventually

# `StorageLimits.logPagesMax` and `logPagesBeforeWait`.
LOG_PAGES_MAX = 5_000
LOG_PAGES_BEFORE_WAIT = 6_000


def move_half(on_disk: OnDisk) -> None:
    """Has the log moved as far as somebody reads, for which nobody waits for the disk."""
    for _ in range(6):
        with contextlib.suppress(AssertionError):
            return try_to_move_half(on_disk)
        # All of it had just been moved when the reading began: then there is no half.
    raise AssertionError("the log is never half moved")


def try_to_move_half(on_disk: OnDisk) -> None:
    with contextlib.closing(sqlite3.connect(on_disk.database, isolation_level=None)) as other:
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM alerts").fetchone()
        before = on_disk.disk.count("write", files=disk.DATABASE)

        def is_half_moved() -> bool:
            # Digits that hardly compress, so that the log soon is as long as it may be.
            note = secrets.token_hex(300_000)
            assert on_disk.connected.source.post(new(new_id(), EPOCH, note=note)).status == 200
            return on_disk.disk.count("write", files=disk.DATABASE) > before

        eventually(is_half_moved, "half moved", 10)


def test_a_log_that_cannot_be_moved_into_the_file(
    start_on_disk: Callable[..., OnDisk], tmp_path: Path
) -> None:
    """The log holds everything, so that nothing need be refused. But what was moved before may be
    lost with the sync that fails, and would not be moved again: so the log has to stay."""
    on_disk = start_on_disk(buffers=1)
    gateway = on_disk.gateway
    for number in range(1, 4):
        storm = Storm(gateway, on_disk.connected.source)
        taken = storm.promises.count
        eventually(lambda: storm.promises.count > taken + 20, "some of it to be read", 60)
        move_half(on_disk)
        on_disk.disk.fail("sync", files=disk.DATABASE)
        eventually(lambda: on_disk.disk.get("faults") >= number, "moving the rest failed", 60)
        on_disk.disk.mend()
        taken = storm.promises.count
        eventually(lambda: storm.promises.count > taken + 300, "goes on", 60)
        told = gateway.process.said()
        assert "The store's log grows. Mend its disk, then restart" in told, told[-2000:]
        gateway.kill()
        promises = storm.stop()
        assert not promises.odd and not promises.refused, (promises.odd[:3], promises.refused)
        with copied(on_disk.database, tmp_path / "copy") as copy:
            assert_whole(copy, "after a power cut")
            assert_kept(copy, promises)
        # With the next start, the log is moved after all.
        syncs = on_disk.disk.count("sync", files=disk.DATABASE)
        gateway.start_again()
        on_disk.connected.source.fire(new(new_id(), EPOCH))
        eventually(lambda: on_disk.disk.count("sync", files=disk.DATABASE) > syncs, "moved", 10)


def test_a_slice_of_the_log_that_cannot_be_synced(
    start_on_disk: Callable[..., OnDisk], tmp_path: Path
) -> None:
    """What the mover wrote before may be lost with it, so the log stays here, too."""
    on_disk = start_on_disk(buffers=1)
    gateway, source = on_disk.gateway, on_disk.connected.source
    before, taken = file_syncs(on_disk), 0

    def fire() -> None:
        nonlocal taken
        source.fire(new(new_id(), EPOCH))
        taken += 1

    def is_told() -> bool:
        return "The store's log grows. Mend its disk, then restart" in gateway.process.said()

    # The third slice, of a log that lone webhooks filled; their commits are what it waits for.
    on_disk.disk.fail("sync", times=1, after=3, files=disk.DATABASE)
    while on_disk.disk.get("faults") == 0:
        assert taken < 3_000, "the log is not moved"
        fire()
    eventually(is_told, "a slice failed", 10)
    assert file_syncs(on_disk) == before + 3
    for _ in range(400):
        fire()
    assert file_syncs(on_disk) == before + 3
    gateway.kill()
    with copied(on_disk.database, tmp_path / "copy") as copy:
        assert_whole(copy, "after a power cut")
        assert copy.execute("SELECT count(*) FROM alerts").fetchone() == (taken,)
    gateway.start_again()
    fire()
    assert file_syncs(on_disk) > before + 3


def test_nobody_waits_while_the_log_is_moved(start_on_disk: Callable[..., OnDisk]) -> None:
    """The file's sync hangs; that of the log, for which a webhook waits, does not."""
    on_disk = start_on_disk()
    gateway, source = on_disk.gateway, on_disk.connected.source
    on_disk.disk.set("sync_files", disk.bits(disk.DATABASE, disk.FILES))
    on_disk.disk.set("sync_milliseconds", 600_000)
    before = on_disk.disk.count("sync", files=disk.DATABASE)
    kept = []

    def is_being_moved() -> bool:
        kept.append(new_id())
        assert source.post(new(kept[-1], EPOCH, note=secrets.token_hex(300_000))).status == 200
        return on_disk.disk.count("sync", files=disk.DATABASE) > before

    eventually(is_being_moved, "the log moved", 30)
    for _ in range(50):
        kept.append(new_id())
        source.fire(new(kept[-1], EPOCH))
    assert on_disk.disk.count("sync", files=disk.DATABASE) == before + 1
    gateway.kill()
    on_disk.disk.set("sync_milliseconds", 0)
    gateway.start_again()
    assert all(gateway.find_alert(incident_id) for incident_id in kept)


def test_no_answer_waits_for_the_rest_of_the_log(start_on_disk: Callable[..., OnDisk]) -> None:
    """The writer moves what the mover left when it has answered."""
    on_disk = start_on_disk()
    source = on_disk.connected.source
    on_disk.gateway.items("/v1/alerts")  # Who reads opens the files when it is first asked.
    open_before, before = times_open(on_disk), file_syncs(on_disk)
    on_disk.disk.set("sync_files", disk.bits(disk.DATABASE, disk.FILES))
    on_disk.disk.set("sync_milliseconds", 1000)
    while log_bytes(on_disk) < LOG_PAGES_MAX * (4096 + 24):
        note = secrets.token_hex(300_000)
        assert source.post(new(new_id(), EPOCH, note=note)).status == 200
    # What comes while it is moved the mover leaves.
    eventually(lambda: file_syncs(on_disk) == before + 1, "it is moved", 10)
    assert source.post(new(new_id(), EPOCH)).status == 200
    on_disk.disk.set("sync_milliseconds", 600_000)
    eventually(lambda: times_open(on_disk) == open_before, "the mover has ended", 10)
    assert file_syncs(on_disk) == before + 1
    assert source.post(new(new_id(), EPOCH)).status == 200
    eventually(lambda: file_syncs(on_disk) == before + 2, "the writer's turn", 10)
    on_disk.gateway.kill()


def file_syncs(on_disk: OnDisk) -> int:
    return on_disk.disk.count("sync", files=disk.DATABASE)


def times_open(on_disk: OnDisk) -> int:
    """How often the gateway has the log open; SQLite keeps descriptors of the file for locks."""
    held = Path(f"/proc/{on_disk.gateway.process.pid}/fd").iterdir()
    return [os.readlink(link) for link in held].count(f"{on_disk.database}-wal")


def log_bytes(on_disk: OnDisk) -> int:
    return Path(f"{on_disk.database}-wal").stat().st_size


def test_a_storm_leaves_the_log_short(start_on_disk: Callable[..., OnDisk]) -> None:
    """It begins anew although there is no moment in which nobody writes."""
    on_disk = start_on_disk()
    storm = Storm(on_disk.gateway, on_disk.connected.source)
    before = on_disk.disk.count("sync", files=disk.DATABASE)
    eventually(lambda: on_disk.disk.count("sync", files=disk.DATABASE) > before + 90, "moves", 60)
    assert log_bytes(on_disk) < LOG_PAGES_BEFORE_WAIT * (4096 + 24)
    promises = storm.stop()
    assert not promises.odd and not promises.refused, (promises.odd[:3], promises.refused)


def test_a_disk_that_moves_the_log_too_slowly(start_on_disk: Callable[..., OnDisk]) -> None:
    """Then those who write wait for it, and the log does not fill the disk."""
    on_disk = start_on_disk()
    source = on_disk.connected.source
    on_disk.disk.set("sync_files", disk.bits(disk.DATABASE, disk.FILES))
    on_disk.disk.set("sync_milliseconds", 1000)
    longest = 0
    for _ in range(100):
        kept = new(new_id(), EPOCH, note=secrets.token_hex(300_000))
        assert source.post(kept, timeout=20).status == 200
        longest = max(longest, log_bytes(on_disk))
    assert LOG_PAGES_MAX * 4096 < longest < (LOG_PAGES_BEFORE_WAIT + 1_000) * 4096, longest


def test_another_process_looks_into_the_file_after_a_failure(
    start_on_disk: Callable[..., OnDisk],
) -> None:
    """Its last connection would take the log along, were the gateway's locks not in its way."""
    on_disk = start_on_disk()
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept = [new_id()]
    source.fire(new(kept[0], EPOCH))
    on_disk.disk.fail("sync", times=1)
    assert_problem(source.post(new(new_id(), EPOCH)), 503)
    for count in (2, 3):
        kept.append(new_id())
        source.fire(new(kept[-1], EPOCH))
        with contextlib.closing(sqlite3.connect(on_disk.database)) as other:
            assert other.execute("SELECT count(*) FROM alerts").fetchone() == (count,)
    gateway.kill_and_restart()
    assert all(gateway.find_alert(incident_id) for incident_id in kept)


def test_a_failed_commit_is_not_taken_for_a_good_one_later(
    start_on_disk: Callable[..., OnDisk],
) -> None:
    """The log still shows a commit whose sync failed, and the disk does not have it. What is
    acknowledged behind it would go with it, if reading failed too and all was opened afresh."""
    on_disk = start_on_disk(buffers=1)
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept, refused = [new_id()], []
    source.fire(new(kept[0], EPOCH))
    for _ in range(5):
        on_disk.disk.fail("sync", "read")
        refused.append(new_id())
        assert_problem(source.post(new(refused[-1], EPOCH)), 503)
        assert_problem(gateway.api("GET", "/v1/alerts"), 503)
        on_disk.disk.mend()
        kept.append(new_id())
        source.fire(new(kept[-1], EPOCH))
    gateway.kill_and_restart()
    lost = [incident_id for incident_id in kept if not gateway.find_alert(incident_id)]
    assert not lost, f"{len(lost)} of {len(kept)} acknowledged ones lost"
    assert not any(gateway.find_alert(incident_id) for incident_id in refused)
