"""Whatever the store asks of PostgreSQL is cut off once, the first time, the second, and so on for
each, before the server sees it or before its answer is seen: as with a disk that fails."""

from collections.abc import Callable, Iterator

import pytest

from gateway import Gateway
from postgres import Database, PostgresServer, Way
from replicas import start_replica
from stub import Stub
from test_nth_failure import Scenario
from waiting import eventually

# Less than what a scenario asks in which nothing fails.
REQUESTS_MIN = 20


@pytest.fixture
def way(postgres: PostgresServer) -> Iterator[Way]:
    with Way(postgres) as way:
        yield way


@pytest.fixture
def gateway(start_gateway: Callable[..., Gateway], database: Database, way: Way) -> Gateway:
    return start_replica(start_gateway, database, database.address(f"127.0.0.1:{way.port}"))


@pytest.mark.parametrize("late", [False, True], ids=["unseen", "unanswered"])
def test_the_nth_request_is_cut_off(
    late: bool,
    gateway: Gateway,
    stub: Stub,
    way: Way,
    database: Database,
    report: Callable[[str], None],
) -> None:
    # Its own limits would only slow this down.
    stub.settings(rate_per_second=0, apply_delay_ms=0)
    asked = way.asked
    scenarios = [Scenario(gateway, stub, 0)]
    scenarios[0].run()
    eventually(scenarios[0].is_closed, "closed")
    usual = way.asked - asked
    for number in range(1, usual + 1):
        way.cut_once(number, late=late)
        scenarios.append(Scenario(gateway, stub, number, repeats=late))
        scenarios[-1].run()
    way.cut_once(0, late=late)
    for scenario in scenarios:
        eventually(scenario.is_closed, f"scenario {scenario.number} is closed", 60)
        scenario.confirm()
        scenario.check()
    assert way.cuts >= REQUESTS_MIN, way.cuts
    assert database.sql("SELECT count(*) FROM alerts") == str(len(scenarios))
    assert database.sql("SELECT count(*) FROM closes") == str(len(scenarios))
    how = "before its answer was seen" if late else "before the server saw it"
    report(f"each of {way.cuts} requests to PostgreSQL was cut off once, {how}: all ended well")
