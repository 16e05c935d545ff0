"""Memory that grows with what is under way, not with time."""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from events_storm import StormOfEvents
from flood import Flood
from gateway import Gateway
from stub import Stub

# Five minutes; shorter while working on it.
STORM_SECONDS = float(os.environ.get("GATEWAY_STORM_SECONDS", "300"))
WARM_UP_SECONDS = min(60.0, STORM_SECONDS / 5)
GROWTH_MAX = 0.05
# Webhooks a second: a storm for a gateway, and some of a processor left for who runs beside it.
STORM_RATE = 1500


@pytest.mark.slow
def test_a_long_storm_leaves_memory_as_it_was(
    start_gateway: Callable[..., Gateway], stub: Stub, report: Callable[[str], None]
) -> None:
    # What makes room in the journal and what reads incidents back is at work from the first minute
    # on: each takes its memory once.
    gateway = start_gateway(
        GATEWAY_JOURNAL_BYTES=str(32 << 20), GATEWAY_RECONCILE_SECONDS="15",
        GATEWAY_LOG_LEVEL="info",
    )
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    storm = StormOfEvents(source)
    outcomes: Counter[int] = Counter()
    resident: list[tuple[float, int]] = []
    lists = ["/v1/deliveries?limit=500", "/v1/alerts?limit=500"]
    started = time.monotonic()

    def paced() -> Iterator[tuple[str, bytes]]:
        yield from storm.first()
        for number, request in enumerate(storm):
            elapsed = time.monotonic() - started
            if elapsed >= STORM_SECONDS:
                return
            # Not a wait for anything: it keeps the storm to its rate.
            time.sleep(max(0.0, min(0.1, number / STORM_RATE - elapsed)))
            if lists and elapsed >= WARM_UP_SECONDS / 2:
                # The store's reader fills its cache once, else whenever enough is read back.
                assert gateway.api("GET", lists.pop()).status == 200
            if number % 500 == 0:
                resident.append((elapsed, gateway.process.resident_kib()))
            yield request

    with Flood(gateway.address, 16) as flood:
        for answer in flood.exchange(paced()):
            outcomes[answer.status] += 1
    assert set(outcomes) == {200}, outcomes
    before = [kib for at, kib in resident if at < WARM_UP_SECONDS]
    after = [kib for at, kib in resident if at >= WARM_UP_SECONDS]
    # The most of the first minute against the median of the last: a peak proves no growth.
    last = sorted(after[-max(1, len(after) // 4) :])
    warm, final = max(before), last[len(last) // 2]
    report(
        f"{outcomes[200]} webhooks in {STORM_SECONDS:.0f} s: resident {warm / 1024:.1f} MiB after "
        f"{WARM_UP_SECONDS:.0f} s, {final / 1024:.1f} MiB at the end, "
        f"{max(after) / 1024:.1f} MiB at most"
    )
    assert final <= warm * (1 + GROWTH_MAX), f"{warm} KiB became {final} KiB"
