"""PostgreSQL that goes away: 503 within two seconds and why, nothing lost, and back by itself."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from conftest import Connected, connect
from gateway import Gateway
from http_client import assert_problem
from payloads import EPOCH, new, new_id
from postgres import Database, PostgresServer, Way
from stub import Stub
from test_rate import assert_rate_kept, close_all, fire_many
from trouble import assert_kept
from waiting import eventually, stays

# Product contract: told no within 2 s, and back 5 s after the server; some more for this machine.
REFUSAL_SECONDS_MAX = 2.0 + 1.0
RETURN_SECONDS_MAX = 5.0
UNREADY_SECONDS_MAX = 10.0


@pytest.fixture
def way(postgres: PostgresServer) -> Iterator[Way]:
    with Way(postgres) as way:
        yield way


@pytest.fixture
def connected(
    start_gateway: Callable[..., Gateway], stub: Stub, database: Database, way: Way
) -> Connected:
    """A gateway whose way to its store takes orders."""
    address = database.address(f"127.0.0.1:{way.port}")
    gateway = start_gateway(**database.settings(address))
    gateway.secrets |= database.secrets
    return connect(gateway, stub)


def is_ready(gateway: Gateway) -> bool:
    return gateway.api("GET", "/readyz").status == 200


def assert_refused(connected: Connected, alert_id: str) -> None:
    """A webhook and a resolve are told to come again, soon enough for the sender to hear it."""
    started = time.monotonic()
    answer = connected.source.post(new(new_id(), EPOCH))
    taken = time.monotonic() - started
    assert answer.status == 503 and answer.header("Retry-After"), answer
    assert taken < REFUSAL_SECONDS_MAX, taken
    started = time.monotonic()
    answer = connected.gateway.api("POST", f"/v1/alerts/{alert_id}/resolve")
    assert_problem(answer, 503)
    assert answer.header("Retry-After"), answer
    assert time.monotonic() - started < REFUSAL_SECONDS_MAX


def assert_unready(gateway: Gateway, words: str = "database server") -> None:
    answer = gateway.api("GET", "/readyz")
    assert answer.status == 503 and words in answer.json()["checks"]["store"], answer


def assert_back(connected: Connected, kept: list[str], report: Callable[[str], None]) -> None:
    started = time.monotonic()
    eventually(lambda: is_ready(connected.gateway), "ready again")
    taken = time.monotonic() - started
    report(f"PostgreSQL back: ready after {taken:.2f} s")
    assert taken < RETURN_SECONDS_MAX, taken
    kept.append(new_id())
    connected.source.fire(new(kept[-1], EPOCH))


@pytest.mark.parametrize("order", ["stop", "kill"])
def test_a_server_that_restarts(
    connected: Connected, postgres: PostgresServer, order: str, report: Callable[[str], None]
) -> None:
    kept = [new_id()]
    alert_id = connected.source.fire(new(kept[0], EPOCH))
    postgres.order(order)
    try:
        assert_refused(connected, alert_id)
        assert_unready(connected.gateway)
    finally:
        postgres.order("start")
    assert_back(connected, kept, report)
    assert connected.gateway.alert(alert_id)["status"] == "firing", "half done"
    connected.gateway.resolve(alert_id)
    assert_kept(connected.gateway, kept, [])


def test_an_idle_gateway_notices_too(
    connected: Connected, way: Way, report: Callable[[str], None]
) -> None:
    way.cut()
    eventually(lambda: not is_ready(connected.gateway), "not ready", UNREADY_SECONDS_MAX)
    assert_unready(connected.gateway)
    way.mend()
    assert_back(connected, [], report)


def test_a_server_that_falls_silent(
    connected: Connected, way: Way, report: Callable[[str], None]
) -> None:
    kept = [new_id()]
    alert_id = connected.source.fire(new(kept[0], EPOCH))
    way.hang()
    started = time.monotonic()
    eventually(lambda: not is_ready(connected.gateway), "not ready", UNREADY_SECONDS_MAX)
    report(f"PostgreSQL silent: not ready after {time.monotonic() - started:.2f} s")
    assert_unready(connected.gateway)
    assert_refused(connected, alert_id)
    assert connected.gateway.api("GET", "/healthz").status == 200
    way.flow()
    assert_back(connected, kept, report)
    connected.gateway.resolve(alert_id)
    assert_kept(connected.gateway, kept, [])


def test_no_call_is_made_while_the_database_is_away(connected: Connected, way: Way) -> None:
    """Nobody could say whether another replica makes it, nor keep what came of it."""
    stub = connected.stub
    stub.settings(rate_per_second=0)
    pairs = fire_many(connected, 20)
    for _, alert_id in pairs:
        connected.gateway.resolve(alert_id)
    eventually(lambda: len(stub.resolves()) >= 3, "a few calls")
    way.cut()
    eventually(lambda: not is_ready(connected.gateway), "not ready", UNREADY_SECONDS_MAX)
    count = len(stub.calls())
    stays(lambda: len(stub.calls()) == count, "no call is made", 2)
    way.mend()
    close_all(connected, pairs, 60)
    for _, alert_id in pairs:
        connected.gateway.wait_for_close(alert_id, "confirmed", 60)
    assert sum(call["status"] == 202 for call in stub.resolves()) == len(pairs), "closed twice"
    assert_rate_kept(stub.calls())


def test_a_standby_is_told(
    connected: Connected, database: Database, report: Callable[[str], None]
) -> None:
    """As after a fail-over: it answers, and takes no writes."""
    kept = [new_id()]
    connected.source.fire(new(kept[0], EPOCH))
    # Sessions that exist keep their setting, so they are ended.
    database.sql(f"ALTER DATABASE {database.name} SET default_transaction_read_only = on")
    cut = f"""SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = '{database.name}' AND pid <> pg_backend_pid()"""
    database.sql(cut)
    answer = connected.source.post(new(new_id(), EPOCH))
    assert answer.status == 503, answer
    assert_unready(connected.gateway, "takes no writes")
    database.server.sql(f"ALTER DATABASE {database.name} RESET default_transaction_read_only")
    assert_back(connected, kept, report)
    assert_kept(connected.gateway, kept, [])
