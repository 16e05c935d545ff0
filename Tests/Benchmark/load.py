"""Load on a peer by wrk; every answer is checked, and what is stored is counted afterwards."""

import json
import os
import secrets
import signal
import statistics
import subprocess
import time
from collections.abc import Callable
from typing import Any

from peers import HERE, Peer

Figures = dict[str, float]
WARM_SECONDS = 1


def measured(peer: Peer, seconds: int, connections: int, **orders: object) -> Figures:
    """A warmed run: connections, caches and tables are there by then."""
    load(peer, WARM_SECONDS, connections, **orders)
    before = peer.kept()
    reports = load(peer, seconds, connections, **orders)
    check(peer, before, reports, connections)
    return {
        "per_second": sum(told["answers"] / told["seconds"] for told in reports),
        "p50_ms": statistics.mean(told["p50_us"] for told in reports) / 1000,
        "p99_ms": max(told["p99_us"] for told in reports) / 1000,
        "resident_mib": peer.resident_mib(),
        "body_bytes": reports[0]["body_bytes"],
    }


def load(peer: Peer, seconds: int, connections: int, **orders: object) -> list[dict[str, Any]]:
    """Runs wrk against each of its addresses at once; the scripts say what they can be told."""
    share = max(connections // len(peer.urls), 1)
    children = [start(peer, url, seconds, share, orders) for url in peer.urls]
    return [report(child, seconds + 60) for child in children]


def start(
    peer: Peer, url: str, seconds: int, connections: int, orders: dict[str, object]
) -> subprocess.Popen[str]:
    given = {
        "BENCH_SECRET": peer.secret, "BENCH_RUN": secrets.token_hex(5),
        "BENCH_DIRECTORY": str(HERE),
    } | {f"BENCH_{name.upper()}": str(value) for name, value in orders.items()}
    return subprocess.Popen(
        [
            "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s",
            "-s", str(HERE / peer.script), url,
        ],
        stdout=subprocess.PIPE, text=True, env=os.environ | given,
    )


def report(child: subprocess.Popen[str], seconds: int) -> dict[str, Any]:
    told, _ = child.communicate(timeout=seconds)
    assert child.returncode == 0, told
    return json.loads(told.splitlines()[-1])


def fill(
    peer: Peer, count: int, run: str, stored: Callable[[], int], connections: int = 64
) -> None:
    """So many new incidents, whose ids begin with `run`; all are stored when this returns."""
    target = stored() + count
    child = start(peer, peer.urls[0], 3600, connections, {"new": count, "run": run})
    try:
        while (now := stored()) < target:
            assert child.poll() is None, f"wrk ended with {now} of {target} stored"
            time.sleep(min(1.0, max(0.01, (target - now) / 50_000)))
    finally:
        # It has nothing more to ask, and would sit out its hour.
        child.send_signal(signal.SIGINT)
        told = report(child, 60)
    assert told["refused"] == 0 and told["broken"] == 0, f"{peer.name}: {told}"
    assert stored() == target, f"{stored()} stored instead of {target}"


def check(
    peer: Peer, before: int | None, reports: list[dict[str, Any]], connections: int
) -> None:
    """Each answer was good, and stands for something that is stored."""
    for told in reports:
        assert told["refused"] == 0 and told["broken"] == 0, f"{peer.name}: {told}"
    if before is None:
        return
    answers = int(sum(told["answers"] for told in reports))
    stored = (peer.kept() or 0) - before
    # What was under way when the load ended was stored without anybody hearing of it; of the
    # run before, which may have come after the count, as much.
    assert answers - connections <= stored <= answers + 2 * connections, (
        f"{peer.name}: {answers} answers, {stored} stored"
    )
