"""Webhooks a second beside the company's, in the same rounds."""

from typing import Any

from company import in_turn, one_run
from load import Figures
from plan import Plan

REPLICAS = ("sqlite", "postgres", "postgres2")


def rate(plan: Plan) -> dict[str, Any]:
    return compared(plan, plan.peers, plan.rounds, plan.seconds)


def replicas(plan: Plan) -> dict[str, Any]:
    """One gateway and two on PostgreSQL beside one on SQLite."""
    return compared(plan, REPLICAS, plan.side_rounds, plan.side_seconds)


def compared(
    plan: Plan, peers: tuple[str, ...], rounds: int, seconds: int
) -> dict[str, Any]:
    def run(name: str) -> Figures:
        return one_run(name, plan, seconds, plan.connections)

    return {
        "connections": plan.connections, "seconds": seconds,
        "rounds": in_turn(peers, rounds, run),
    }
