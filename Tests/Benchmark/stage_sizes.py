"""What a webhook costs beside many alerts that are stored already."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from company import in_turn
from load import Figures, measured
from plan import Plan
from stores import KeptGateway, Store, copy, filled


def sizes(plan: Plan) -> dict[str, Any]:
    stores = filled(plan)
    planning: dict[str, float] = {}
    largest = max(plan.sizes)
    with calm(plan, stores[largest]) as (large, seconds):
        planning[str(largest)] = seconds

        def run(name: str) -> Figures:
            store = stores[int(name)]
            if int(name) == largest:
                return loaded(large, plan, store)
            with calm(plan, store) as (peer, planning[name]):
                return loaded(peer, plan, store)

        names = tuple(str(size) for size in plan.sizes)
        rounds = in_turn(names, plan.side_rounds, run)
    return {
        "sizes": list(plan.sizes), "connections": plan.connections,
        "seconds": plan.side_seconds, "rounds": rounds, "planning_seconds": planning,
        "bytes": {str(size): database_bytes(stores[size]) for size in plan.sizes},
    }


@contextmanager
def calm(plan: Plan, store: Store) -> Iterator[tuple[KeptGateway, float]]:
    """A gateway on a copy, as the load adds to what is stored: by little to the largest, which is
    therefore used for all rounds. With it goes how long it was busy after its start."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=plan.place) as place:
        directory = Path(place) / "gateway"
        copy(store.directory, directory)
        peer = KeptGateway(plan.binary, directory, store.path, store.secret)
        try:
            yield peer, peer.wait_until_calm()
        finally:
            peer.end()


def loaded(peer: KeptGateway, plan: Plan, store: Store) -> Figures:
    return measured(peer, plan.side_seconds, plan.connections, **store.orders)


def database_bytes(store: Store) -> int:
    return (Path(store.directory) / "data" / "gateway.db").stat().st_size
