"""From one connection to hundreds: what a webhook costs that comes alone, and in a crowd."""

from typing import Any

from company import in_turn, running
from load import Figures, measured
from plan import Plan


def connections(plan: Plan) -> dict[str, Any]:
    rounds = []
    for number in range(plan.side_rounds):
        # One process for all of a round: a gateway is not started for each number of clients.
        with running("sqlite", plan) as gateway, running("nginx", plan) as nginx:
            peers = {"sqlite": gateway, "nginx": nginx}
            names = tuple(f"{name} {count}" for count in plan.sweep for name in peers)

            def run(name: str) -> Figures:
                peer, _, count = name.partition(" ")
                return measured(peers[peer], plan.side_seconds, int(count))

            rounds += in_turn(names if number % 2 == 0 else names[::-1], 1, run)
    return {"sweep": list(plan.sweep), "seconds": plan.side_seconds, "rounds": rounds}
