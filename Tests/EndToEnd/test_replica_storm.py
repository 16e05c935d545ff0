"""Three replicas behind HAProxy, killed at random: nothing is lost, doubled, or called closed."""

import os
import random
from collections.abc import Callable, Iterator

import pytest

from gateway import Gateway
from haproxy import HAProxy
from lane import (
    Lane,
    assert_closed_once,
    assert_looked_before_repeating,
    at_once,
    confirmed,
    resolve_all,
)
from payloads import EPOCH, new
from postgres import Database, PostgresServer
from replicas import Kept, Replicas
from storm import Promises, Storm
from stub import Stub
from test_rate import assert_rate_kept
from waiting import eventually

# `make soak` raises them to 300 and 1,500.
KILLS = int(os.environ.get("GATEWAY_REPLICA_KILLS", "20"))
RESOLVES = int(os.environ.get("GATEWAY_REPLICA_RESOLVES", "100"))
SEED = int(os.environ.get("GATEWAY_REPLICA_SEED", "0")) or random.randrange(1, 1 << 31)
LANES = 4
# What must go through between two kills.
ENOUGH = 50
# A replica that died holds what it had claimed for 30 s.
PATIENCE_SECONDS = 120 + RESOLVES


@pytest.fixture
def replicas(
    database: Database,
    start_gateway: Callable[..., Gateway],
    start_haproxy: Callable[..., HAProxy],
) -> Replicas:
    return Replicas(3, database, start_gateway, start_haproxy)


@pytest.fixture
def lanes(replicas: Replicas, start_stub: Callable[[], Stub]) -> Iterator[list[Lane]]:
    yield [Lane(replicas.front, start_stub(), f"lane {index}") for index in range(LANES)]


def test_kills_behind_a_balancer_lose_and_double_nothing(
    replicas: Replicas,
    lanes: list[Lane],
    postgres: PostgresServer,
    report: Callable[[str], None],
) -> None:
    print(f"GATEWAY_REPLICA_SEED={SEED}")
    chance = random.Random(SEED)
    at_once(lambda lane=lane: fire(lane, RESOLVES // LANES) for lane in lanes)
    storm = Storm(replicas.front, lanes[0].source, resolvers=0, keeps_on=True)
    for index in range(KILLS):
        taken = storm.promises.count
        eventually(lambda: storm.promises.count >= taken + ENOUGH, "webhooks go through", 60)
        if index < LANES:
            at_once([lambda: resolve_all(lanes[index])])
        if index == KILLS // 2:
            postgres.order("kill")
            postgres.order("start")
        killed = chance.randrange(len(replicas.gateways))
        replicas.kill(killed)
        replicas.bring_back(killed)
    promises = storm.stop()
    assert not promises.odd, promises.odd[:3]
    assert_kept(replicas.kept(), promises, lanes)
    eventually(lambda: confirmed(replicas.front) >= RESOLVES, "confirmed", PATIENCE_SECONDS)
    for lane in lanes:
        assert_closed_once(lane)
        assert_looked_before_repeating(lane.stub.calls())
        assert_rate_kept(lane.stub.calls())
    calls = sum(len(lane.stub.calls()) for lane in lanes)
    report(
        f"{KILLS} kills among three replicas, PostgreSQL killed once: {len(promises.fired)} "
        f"creations and {len(promises.closed)} closes acknowledged, none lost or doubled; "
        f"{RESOLVES} resolves confirmed, each close made once, {calls} calls"
    )


def fire(lane: Lane, count: int) -> None:
    for _ in range(count):
        lane.fire_silent()


def assert_kept(kept: dict[str, Kept], promises: Promises, lanes: list[Lane]) -> None:
    for incident_id, alert_id in promises.fired.items():
        found = kept.get(incident_id)
        assert found and found.alert_id == alert_id, f"{incident_id} is lost: {found}"
        assert found.outcomes.count("created") == 1, f"{incident_id} was doubled: {found}"
        if incident_id in promises.closed:
            assert not found.fires, f"the end of {incident_id} is lost: {found}"
            assert found.outcomes.count("resolved") == 1, found
    for lane in lanes:
        for incident_id, alert_id in lane.alerts.items():
            found = kept[incident_id]
            assert found.alert_id == alert_id and not found.fires, (incident_id, found)


def test_replicas_are_rolled_without_a_failed_request(
    replicas: Replicas, lanes: list[Lane], report: Callable[[str], None]
) -> None:
    """An upgrade: each is stopped and started, while webhooks and resolves go on."""
    lane = lanes[0]
    storm = Storm(replicas.front, lane.source, resolvers=0)
    for index, gateway in enumerate(replicas.gateways):
        taken = storm.promises.count
        eventually(lambda: storm.promises.count >= taken + ENOUGH, "webhooks go through", 60)
        assert gateway.stop() == 0
        replicas.haproxy.wait_for(index, "DOWN")
        incident_id = lane.stub.create(share=False)
        lane.alerts[incident_id] = lane.source.fire(new(incident_id, EPOCH))
        replicas.front.resolve(lane.alerts[incident_id])
        replicas.bring_back(index)
    promises = storm.stop()
    assert (promises.odd, promises.refused, promises.broken) == ([], 0, 0)
    assert_kept(replicas.kept(), promises, [lane])
    owed = len(lane.alerts)
    eventually(lambda: confirmed(replicas.front) == owed, "all confirmed", 60)
    assert_closed_once(lane)
    report(
        f"three replicas restarted one after the other: {promises.count} webhooks and "
        f"{owed} resolves, none failed"
    )
