"""Webhooks a second and how long they take, of the gateway and its company: make bench.

All are measured in turn, several times over, so that what else the machine does hits them alike;
what counts is the ratio of two within one round. Every answer is checked, and what is stored is
counted afterwards. Prints a table in Markdown.
"""

import argparse
import json
import os
import platform
import secrets
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from peers import HERE, PEERS, Peer


@dataclass(frozen=True)
class Figures:
    """One run against one of them."""

    per_second: float
    p50_ms: float
    p99_ms: float
    resident_mib: float


def main() -> None:
    options = read_options()
    options.binary = str(Path(options.binary).resolve())
    rounds: list[dict[str, Figures]] = []
    for number in range(options.rounds):
        figures = {name: measured(name, options) for name in options.peers}
        rounds.append(figures)
        told = ", ".join(f"{name} {run.per_second:,.0f}" for name, run in figures.items())
        print(f"round {number + 1}: {told}", flush=True)
    print()
    print(machine())
    print()
    print(table(rounds, options))


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the release binary")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    parser.add_argument("--connections", type=int, default=64)
    return parser.parse_args()


def measured(name: str, options: argparse.Namespace) -> Figures:
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        peer = PEERS[name](options.binary, Path(directory) / name)
        try:
            load(peer, 1, options.connections)  # Connections, caches, tables: all is warm now.
            before = peer.kept()
            reports = load(peer, options.seconds, options.connections)
            check(peer, before, reports, options.connections)
            return Figures(
                per_second=sum(told["answers"] / told["seconds"] for told in reports),
                p50_ms=statistics.mean(told["p50_us"] for told in reports) / 1000,
                p99_ms=max(told["p99_us"] for told in reports) / 1000,
                resident_mib=peer.resident_mib(),
            )
        finally:
            peer.end()


def load(peer: Peer, seconds: int, connections: int) -> list[dict[str, float]]:
    """Runs wrk against each of its addresses at once."""
    share = max(connections // len(peer.urls), 1)
    children = []
    for url in peer.urls:
        command = ["wrk", "-t1", f"-c{share}", f"-d{seconds}s", "--timeout", "30s"]
        given = {"BENCH_SECRET": peer.secret, "BENCH_RUN": secrets.token_hex(5)}
        children.append(
            subprocess.Popen(
                [*command, "-s", str(HERE / peer.script), url],
                stdout=subprocess.PIPE, text=True, env=os.environ | given,
            )
        )
    reports = []
    for child in children:
        told, _ = child.communicate(timeout=seconds + 60)
        assert child.returncode == 0, told
        reports.append(json.loads(told.splitlines()[-1]))
    return reports


def check(
    peer: Peer, before: int | None, reports: list[dict[str, float]], connections: int
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


def table(rounds: list[dict[str, Figures]], options: argparse.Namespace) -> str:
    first = options.peers[0]
    lines = [
        f"{options.connections} connections, {options.rounds} rounds of {options.seconds} s; "
        "medians, and the median of the ratios within a round.",
        "",
        f"| | requests/s | of {first} | p50 ms | p99 ms | resident MiB |",
        "|---|---|---|---|---|---|",
    ]
    for name in options.peers:
        runs = [figures[name] for figures in rounds]
        ratio = median(figures[name].per_second / figures[first].per_second for figures in rounds)
        lines.append(
            f"| {name} | {median(run.per_second for run in runs):,.0f} | {ratio:.2f} "
            f"| {median(run.p50_ms for run in runs):.2f} "
            f"| {median(run.p99_ms for run in runs):.2f} "
            f"| {median(run.resident_mib for run in runs):.0f} |"
        )
    return "\n".join(lines)


def median(values) -> float:
    return statistics.median(values)


def machine() -> str:
    facts = Path("/proc/cpuinfo").read_text()
    models = [line.split(":")[1].strip() for line in facts.splitlines() if "model name" in line]
    memory = Path("/proc/meminfo").read_text().split()[1]
    return (
        f"{os.cpu_count()} cores of {models[0] if models else platform.machine()}, "
        f"{int(memory) // 1_048_576} GiB, Linux {platform.release()}; load generator included."
    )


if __name__ == "__main__":
    main()
