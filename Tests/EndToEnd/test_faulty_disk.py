"""A disk that fails: 503 and why, nothing half done, nothing lost, and back without a restart."""

import contextlib
import errno
import secrets
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import disk
from conftest import OnDisk
from http_client import assert_problem, request
from kept import assert_kept as assert_promises_kept
from kept import assert_whole, copied
from payloads import EPOCH, closed, new, new_id
from storm import Storm
from trouble import HealthWatch, assert_back, assert_kept, assert_not_ready, send_until_refused
from waiting import eventually

IN_TROUBLE = "could not read or write"
# 5 s for the lock, once for the webhooks before and once for its own; the rest is for the machine.
REFUSED_SECONDS_MAX = 15.0


def test_a_sync_that_fails_for_a_while(
    start_on_disk: Callable[..., OnDisk], report: Callable[[str], None]
) -> None:
    """With what a kernel makes of it: what could not be written is forgotten, yet counts as done,
    so that the next sync succeeds. The kill at the end shows what is really there."""
    on_disk = start_on_disk(buffers=1)
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept, refused = [new_id()], []
    alert_id = source.fire(new(kept[0], EPOCH))
    with HealthWatch(gateway.address) as health:
        on_disk.disk.fail("sync")
        send_until_refused(source, kept, refused)
        assert len(kept) == 1, "acknowledged without a sync"
        assert_not_ready(gateway, IN_TROUBLE)
        assert_problem(source.post(closed(kept[0], EPOCH + 1)), 503)
        answer = gateway.api("POST", f"/v1/alerts/{alert_id}/resolve")
        assert_problem(answer, 503, "store_unavailable")
        assert answer.header("Retry-After")
        assert gateway.alert(alert_id)["status"] == "firing", "half done"
        on_disk.disk.mend()
        kept.append(assert_back(source, report, "failing sync"))
    report(f"failing sync: {health}")
    assert on_disk.disk.get("faults") >= 5
    assert on_disk.disk.get("doubtful_uses") == 0, "a file was used on after its sync failed"
    # The sender tries again, as it was told to; that takes in what was refused, once.
    again = refused.pop()
    assert source.send(new(again, EPOCH)) == ("created", "firing")
    kept.append(again)
    gateway.resolve(alert_id)
    assert_kept(gateway, kept, refused)


def test_syncs_that_fail_one_by_one_under_a_storm(
    start_on_disk: Callable[..., OnDisk], tmp_path: Path, report: Callable[[str], None]
) -> None:
    on_disk = start_on_disk(buffers=1)
    gateway = on_disk.gateway
    storm = Storm(gateway, on_disk.connected.source)
    with HealthWatch(gateway.address) as health:
        for number in range(1, 21):
            taken = storm.promises.count
            on_disk.disk.fail("sync", "write", files=disk.LOG, after=3 * number, times=1)
            eventually(lambda: on_disk.disk.get("faults") >= number, "it failed")
            eventually(lambda: storm.promises.count > taken + 5, "goes on")
    gateway.kill()
    promises = storm.stop()
    assert not promises.odd, promises.odd[:3]
    assert promises.refused > 0
    with copied(on_disk.database, tmp_path / "copy") as copy:
        assert_whole(copy, "after 20 failures and a power cut")
        assert_promises_kept(copy, promises)
    assert on_disk.disk.get("doubtful_uses") == 0
    gateway.start_again()
    report(
        f"20 failures under a storm: {promises.refused} refused, {promises.count} kept; {health}"
    )


def test_a_slow_disk(
    start_on_disk: Callable[..., OnDisk], report: Callable[[str], None]
) -> None:
    on_disk = start_on_disk()
    gateway, source = on_disk.gateway, on_disk.connected.source
    on_disk.disk.set("sync_milliseconds", 300)
    before = on_disk.disk.count("sync", files=disk.LOG)
    incident_ids = [new_id() for _ in range(40)]
    started = time.monotonic()
    with HealthWatch(gateway.address) as health, ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda id: source.post(new(id, EPOCH)).status, incident_ids))
        syncs = on_disk.disk.count("sync", files=disk.LOG) - before
        seconds = time.monotonic() - started
        # Reading needs no sync.
        assert all(gateway.find_alert(incident_id) for incident_id in incident_ids)
    on_disk.disk.set("sync_milliseconds", 0)
    assert set(answers) == {200}
    assert 1 <= syncs <= len(incident_ids) / 2, f"{syncs} syncs for {len(incident_ids)} webhooks"
    report(f"syncs of 300 ms: 40 webhooks with {syncs} syncs in {seconds:.1f} s; {health}")


@pytest.mark.slow
def test_another_process_holds_the_database(
    start_on_disk: Callable[..., OnDisk], report: Callable[[str], None]
) -> None:
    on_disk = start_on_disk()
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept = [new_id()]
    alert_id = source.fire(new(kept[0], EPOCH))

    def ask(number: int) -> float:
        started = time.monotonic()
        if number % 2 == 0:
            answer = source.post(new(new_id(), EPOCH), timeout=REFUSED_SECONDS_MAX)
        else:
            path = f"/v1/alerts/{alert_id}/resolve"
            answer = gateway.api("POST", path, timeout=REFUSED_SECONDS_MAX)
        assert_problem(answer, 503, "store_unavailable")
        assert answer.header("Retry-After")
        return time.monotonic() - started

    with contextlib.closing(sqlite3.connect(on_disk.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with HealthWatch(gateway.address) as health, ThreadPoolExecutor(12) as pool:
            waits = list(pool.map(ask, range(12)))
            assert_not_ready(gateway, "in use for too long")
            assert gateway.find_alert(kept[0]), "reading goes on"
        other.execute("ROLLBACK")
        kept.append(assert_back(source, report, "database in use"))
    assert_kept(gateway, kept, [])
    report(f"database in use: 503 after {min(waits):.1f} to {max(waits):.1f} s; {health}")


@pytest.mark.parametrize(
    "error, reason",
    [
        pytest.param(errno.ENOSPC, "no room left", id="no-room"),
        pytest.param(errno.EIO, IN_TROUBLE, id="io-error"),
    ],
)
def test_writes_that_fail_in_the_middle_of_a_transaction(
    start_on_disk: Callable[..., OnDisk], report: Callable[[str], None], error: int, reason: str
) -> None:
    on_disk = start_on_disk(buffers=1)
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept, refused = [new_id()], []
    alert_id = source.fire(new(kept[0], EPOCH))
    with HealthWatch(gateway.address) as health:
        # Digits that hardly compress: its pages go to the log in some five pieces.
        refused.append(new_id())
        large = new(refused[-1], EPOCH, note=secrets.token_hex(300_000))
        on_disk.disk.fail("write", after=3, error=error)
        before = on_disk.disk.count("write", files=disk.LOG)
        assert_problem(source.post(large), 503, "store_unavailable")
        # Who keeps what was refused, or looks whether the store works, has tried since.
        assert on_disk.disk.count("write", files=disk.LOG) >= before + 3
        send_until_refused(source, kept, refused)
        assert len(kept) == 1
        assert_not_ready(gateway, reason)
        assert_problem(gateway.api("POST", f"/v1/alerts/{alert_id}/resolve"), 503)
        assert gateway.alert(alert_id)["status"] == "firing", "half done"
        on_disk.disk.mend()
        kept.append(assert_back(source, report, f"failing writes ({reason})"))
    report(f"failing writes ({reason}): {health}")
    gateway.resolve(alert_id)
    assert_kept(gateway, kept, refused)


def test_reads_that_fail(
    start_on_disk: Callable[..., OnDisk], report: Callable[[str], None]
) -> None:
    on_disk = start_on_disk()
    gateway, source = on_disk.gateway, on_disk.connected.source
    kept, refused = [], []
    with HealthWatch(gateway.address) as health:
        for _ in range(10):
            # What was committed since is read anew; the writer knows its own pages.
            on_disk.disk.mend()
            kept.append(new_id())
            alert_id = source.fire(new(kept[-1], EPOCH))
            on_disk.disk.fail("read")
            for path in ["/v1/alerts", f"/v1/alerts/{alert_id}", "/v1/deliveries"]:
                answer = gateway.api("GET", path)
                assert_problem(answer, 503, "store_unavailable")
                assert answer.header("Retry-After")
            # Now the writer has to open the file anew as well.
            on_disk.disk.fail("read", "sync")
            refused.append(new_id())
            assert_problem(source.post(new(refused[-1], EPOCH)), 503, "store_unavailable")
            assert request(gateway.address, "GET", "/readyz").status == 503
        on_disk.disk.mend()
        kept.append(assert_back(source, report, "failing reads"))
    report(f"failing reads: {health}")
    assert_kept(gateway, kept, refused)
