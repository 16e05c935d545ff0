"""How a commit reaches the write-ahead log."""

from collections.abc import Callable

import disk
from conftest import OnDisk
from payloads import EPOCH, new, new_id


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
