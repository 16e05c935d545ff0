"""How a commit reaches the write-ahead log, and the log the file."""

from collections.abc import Callable, Iterable

import disk
from conftest import OnDisk
from payloads import EPOCH, new, new_id

# `StorageLimits.logSlicePages`.
SLICE_PAGES = 16
# Of 14 pages each, twice what a log has room for.
LONE_WEBHOOKS_MAX = 700


def counts(on_disk: OnDisk, files: Iterable[str]) -> tuple[int, int]:
    """Writes and syncs."""
    return on_disk.disk.count("write", files=files), on_disk.disk.count("sync", files=files)


def moved_behind_lone_webhooks(on_disk: OnDisk, then: int) -> tuple[int, int]:
    """Writes and syncs of the file while a log goes into it that lone webhooks filled, and while
    so many more come in `then`."""
    fire = on_disk.connected.source.fire
    before = counts(on_disk, disk.DATABASE)
    for _ in range(LONE_WEBHOOKS_MAX):
        fire(new(new_id(), EPOCH))
        if counts(on_disk, disk.DATABASE)[0] > before[0]:
            break
    else:
        raise AssertionError("the log is not moved")
    for _ in range(then):
        fire(new(new_id(), EPOCH))
    after = counts(on_disk, disk.DATABASE)
    return after[0] - before[0], after[1] - before[1]


def test_a_commit_is_written_in_few_pieces(start_on_disk: Callable[..., OnDisk]) -> None:
    """Not each of its pages by two calls, which would be 28 of them for one webhook."""
    on_disk = start_on_disk()
    source = on_disk.connected.source
    source.fire(new(new_id(), EPOCH))
    before = counts(on_disk, disk.LOG)
    for _ in range(40):
        source.fire(new(new_id(), EPOCH))
    after = counts(on_disk, disk.LOG)
    assert after[1] - before[1] >= 40
    assert after[0] - before[0] < 2 * (after[1] - before[1]), (after, before)


def test_a_log_of_lone_webhooks_is_moved_in_slices(start_on_disk: Callable[..., OnDisk]) -> None:
    """So that none of them waits while all of it is synced."""
    on_disk = start_on_disk()
    seen = []
    # A disk that falters just then has the mover hurry: another log is moved as well.
    for _ in range(3):
        # What is under way then, and the writer's part of it.
        writes, syncs = moved_behind_lone_webhooks(on_disk, then=60)
        assert writes > 100
        if syncs > 6 and writes <= SLICE_PAGES * (syncs + 1):
            return
        seen.append((writes, syncs))
    raise AssertionError(f"never moved in slices: {seen}")


def test_a_disk_too_slow_for_slices(start_on_disk: Callable[..., OnDisk]) -> None:
    """A log that grows long meanwhile is moved without them."""
    on_disk = start_on_disk()
    on_disk.disk.set("sync_files", disk.bits(disk.DATABASE, disk.FILES))
    on_disk.disk.set("sync_milliseconds", 1000)
    # Enough to have those wait who write, unless it is moved by then.
    writes, syncs = moved_behind_lone_webhooks(on_disk, then=100)
    assert writes > 9 * SLICE_PAGES, writes
    assert syncs <= 6, syncs
