"""How a commit reaches the write-ahead log, and the log the file."""

from collections.abc import Callable

import disk
from conftest import OnDisk
from payloads import EPOCH, new, new_id
from waiting import eventually

# `StorageLimits.logSlicePages`.
SLICE_PAGES = 16


def test_a_commit_is_written_in_few_pieces(start_on_disk: Callable[..., OnDisk]) -> None:
    """Not each of its pages by two calls, which would be 28 of them for one webhook."""
    on_disk = start_on_disk()
    source = on_disk.connected.source
    source.fire(new(new_id(), EPOCH))

    def counts() -> tuple[int, int]:
        return tuple(on_disk.disk.count(call, files=disk.LOG) for call in ("write", "sync"))

    writes, syncs = counts()
    for _ in range(40):
        source.fire(new(new_id(), EPOCH))
    after = counts()
    assert after[1] - syncs >= 40
    assert after[0] - writes < 2 * (after[1] - syncs), (after, writes, syncs)


def test_a_log_of_lone_webhooks_is_moved_in_slices(start_on_disk: Callable[..., OnDisk]) -> None:
    """So that none of them waits while all of it is synced."""
    on_disk = start_on_disk()
    source = on_disk.connected.source

    def counts() -> tuple[int, int]:
        return tuple(on_disk.disk.count(call, files=disk.DATABASE) for call in ("write", "sync"))

    before = counts()

    def is_moved() -> bool:
        source.fire(new(new_id(), EPOCH))
        return counts()[0] > before[0]

    eventually(is_moved, "a log of lone webhooks moved", 60)
    # What is under way then, and the writer's part of it.
    for _ in range(60):
        source.fire(new(new_id(), EPOCH))
    writes, syncs = (after - at_first for after, at_first in zip(counts(), before, strict=True))
    assert writes > 100
    assert syncs > 6
    assert writes <= SLICE_PAGES * syncs + SLICE_PAGES, (writes, syncs)
