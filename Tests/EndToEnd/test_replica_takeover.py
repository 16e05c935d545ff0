"""A replica that is cut off or dies: another makes the closes that it took up, or was to."""

import time
from collections.abc import Callable

import pytest

from conftest import Connected, connect
from gateway import Gateway
from lane import assert_looked_before_repeating
from payloads import EPOCH, new
from postgres import Database, PostgresServer, Way
from replicas import start_replica
from stub import Stub
from waiting import eventually

# A claim is its replica's for 30 s; a busy machine may need a moment more.
TAKEOVER_SECONDS_MAX = 30.0 + 2.0
UNREADY_SECONDS_MAX = 10.0
# Longer than the gateway waits for any answer.
HANG_MS = 60_000


@pytest.fixture
def way(postgres: PostgresServer):
    with Way(postgres) as way:
        yield way


@pytest.fixture
def connected(
    start_gateway: Callable[..., Gateway], stub: Stub, database: Database, way: Way
) -> Connected:
    """A replica whose way to the database takes orders."""
    address = database.address(f"127.0.0.1:{way.port}")
    return connect(start_replica(start_gateway, database, address), stub)


@pytest.mark.slow
def test_the_close_of_a_replica_without_its_database_is_taken_over(
    connected: Connected,
    start_gateway: Callable[..., Gateway],
    database: Database,
    way: Way,
    report: Callable[[str], None],
) -> None:
    first, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.fault("resolve", "delay", delay_ms=HANG_MS)
    first.resolve(alert_id)
    eventually(lambda: len(stub.resolves(incident_id)) == 1, "a call under way")
    second = start_replica(start_gateway, database)
    gone_at = time.monotonic()
    way.hang()
    eventually(lambda: not is_ready(first), "it says so", UNREADY_SECONDS_MAX)
    eventually(
        lambda: stub.reads(incident_id), "the other looks at the incident", TAKEOVER_SECONDS_MAX
    )
    seconds = time.monotonic() - gone_at
    second.wait_for_close(alert_id, "confirmed", 60)
    assert not stub.is_active(incident_id)
    # That of the replica that is gone, and the one that counted.
    assert len(stub.resolves(incident_id)) == 2
    assert_looked_before_repeating(stub.calls(incident_id))
    way.flow()
    eventually(lambda: is_ready(first), "ready again")
    assert first.close_of(alert_id)["state"] == "confirmed"
    assert len(stub.resolves(incident_id)) == 2
    report(f"a close whose replica was cut off is taken over after {seconds:.1f} s")


def is_ready(gateway: Gateway) -> bool:
    return gateway.api("GET", "/readyz").status == 200


def test_an_owed_close_does_not_wait_for_its_replica(
    connected: Connected, start_gateway: Callable[..., Gateway], database: Database
) -> None:
    """One that dies between a resolve and its claim leaves a close that anybody may take up."""
    first, stub = connected.gateway, connected.stub
    second = start_replica(start_gateway, database)
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    # Nobody takes up what is owed while the key is refused.
    stub.allow_keys()
    checked = f"/v1/integrations/{connected.integration['id']}/check"
    assert second.api("POST", checked).json()["state"] == "key_rejected"
    first.resolve(alert_id)
    first.kill()
    stub.allow_keys(stub.key)
    assert second.api("POST", checked).json()["state"] == "connected"
    second.wait_for_close(alert_id, "confirmed", 30)
    assert len(stub.resolves(incident_id)) == 1
