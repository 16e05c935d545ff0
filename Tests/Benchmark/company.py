"""Everybody who is measured, by a short name, and how to go through them in turn."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from load import Figures, measured
from peers import Alertmanager, Nginx, Peer, PostgresGateway, SQLiteGateway, TwoReplicas
from plan import Plan
from swift_peer import Hummingbird

PEERS: dict[str, Callable[[Plan, Path], Peer]] = {
    "sqlite": SQLiteGateway, "nginx": Nginx, "alertmanager": Alertmanager,
    "hummingbird": Hummingbird, "postgres": PostgresGateway, "postgres2": TwoReplicas,
}


@contextmanager
def running(name: str, plan: Plan) -> Iterator[Peer]:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        peer = PEERS[name](plan, Path(directory) / name)
        try:
            yield peer
        finally:
            peer.end()


def in_turn(
    names: tuple[str, ...], rounds: int, measure: Callable[[str], Figures]
) -> list[dict[str, Figures]]:
    """Each of them in every round, so that what else the machine does hits them alike; every other
    round backwards, so that what grows meanwhile does."""
    found = []
    for number in range(rounds):
        order = names if number % 2 == 0 else names[::-1]
        figures = {name: measure(name) for name in order}
        told = ", ".join(f"{name} {figures[name]['per_second']:,.0f}" for name in names)
        print(f"  round {number + 1}: {told}", flush=True)
        found.append({name: figures[name] for name in names})
    return found


def one_run(
    name: str, plan: Plan, seconds: int, connections: int, **orders: object
) -> Figures:
    with running(name, plan) as peer:
        return measured(peer, seconds, connections, **orders)
