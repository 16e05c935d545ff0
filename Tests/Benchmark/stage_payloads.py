"""Webhooks of 250 KB: incidents of hundreds of alerts."""

from typing import Any

from company import in_turn, one_run
from load import Figures
from plan import Plan

# Each of 742 bytes or so.
ALERTS_MORE = 340
BODY_BYTES_MIN = 250_000
CONNECTIONS = 16


def payloads(plan: Plan) -> dict[str, Any]:
    def run(name: str) -> Figures:
        found = one_run(name, plan, plan.side_seconds, CONNECTIONS, alerts=ALERTS_MORE)
        assert found["body_bytes"] >= BODY_BYTES_MIN, found
        return found

    return {
        "connections": CONNECTIONS, "seconds": plan.side_seconds,
        "rounds": in_turn(("sqlite", "nginx"), plan.side_rounds, run),
    }
