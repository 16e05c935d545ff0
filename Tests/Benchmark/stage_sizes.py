"""What a webhook costs beside many alerts that are stored already."""

import tempfile
from pathlib import Path
from typing import Any

from company import in_turn
from load import Figures, measured
from plan import Plan
from stores import KeptGateway, Store, copy, filled


def sizes(plan: Plan) -> dict[str, Any]:
    stores = filled(plan)

    def run(size: str) -> Figures:
        return one_run(plan, stores[int(size)])

    names = tuple(str(size) for size in plan.sizes)
    return {
        "sizes": list(plan.sizes), "connections": plan.connections,
        "seconds": plan.side_seconds, "rounds": in_turn(names, plan.side_rounds, run),
        "bytes": {str(size): database_bytes(stores[size]) for size in plan.sizes},
    }


def one_run(plan: Plan, store: Store) -> Figures:
    """On a copy, as the load adds to what is stored."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=plan.place) as place:
        directory = Path(place) / "gateway"
        copy(store.directory, directory)
        peer = KeptGateway(plan.binary, directory, store.path, store.secret)
        try:
            return measured(peer, plan.side_seconds, plan.connections, **store.orders)
        finally:
            peer.end()


def database_bytes(store: Store) -> int:
    return (Path(store.directory) / "data" / "gateway.db").stat().st_size
