"""A batch of webhooks, not a webhook, goes to PostgreSQL and back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway import Gateway
from payloads import new, new_id
from postgres import Database, PostgresServer, Way
from stub import Stub
from waiting import eventually

COUNT = 40


@pytest.fixture
def way(postgres: PostgresServer) -> Iterator[Way]:
    with Way(postgres) as way:
        yield way


def descriptors(gateway: Gateway) -> int:
    return len(list(Path(f"/proc/{gateway.process.pid}/fd").iterdir()))


@pytest.mark.root
def test_a_batch_is_a_round_trip(
    start_gateway: Callable[..., Gateway], database: Database, way: Way, stub: Stub,
    report: Callable[[str], None],
) -> None:
    address = database.address(f"127.0.0.1:{way.port}")
    gateway = start_gateway(**database.settings(address))
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    source = gateway.create_source(answer.json()["id"])
    before = way.asked
    for _ in range(COUNT):
        source.fire(new(new_id()))
    apart = way.asked - before
    assert apart >= COUNT, "requests are not counted"
    before, open_before = way.asked, descriptors(gateway)
    with ThreadPoolExecutor(COUNT) as pool:
        way.hang()
        answers = [pool.submit(source.fire, new(new_id())) for _ in range(COUNT)]
        # The first ones are on their way, and all others come after them together.
        eventually(lambda: descriptors(gateway) > open_before + COUNT // 2, "most are there")
        way.flow()
        assert len({answer.result() for answer in answers}) == COUNT
    together = way.asked - before
    assert together * 4 < apart, f"{together} requests for {COUNT} at once, {apart} one by one"
    report(f"PostgreSQL: {apart} requests for {COUNT} webhooks one by one, {together} at once")
