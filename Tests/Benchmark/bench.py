"""Measures the gateway and its company: make bench.

Each stage leaves its figures as JSON, with the machine they were taken on; a table and plots are
made from what is there. What else the machine does disturbs rates: compare within a round.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "EndToEnd"))

import report  # noqa: E402
from company import PEERS  # noqa: E402
from plan import Plan  # noqa: E402
from stage_closes import closes  # noqa: E402
from stage_connections import connections  # noqa: E402
from stage_instructions import instructions  # noqa: E402
from stage_memory import memory  # noqa: E402
from stage_payloads import payloads  # noqa: E402
from stage_rate import rate, replicas  # noqa: E402
from stage_sizes import sizes  # noqa: E402
from stage_start import start  # noqa: E402

STAGES: dict[str, Callable[[Plan], dict[str, Any]]] = {
    "rate": rate, "connections": connections, "sizes": sizes, "payloads": payloads,
    "memory": memory, "start": start, "closes": closes, "instructions": instructions,
    "replicas": replicas,
}
COMPANY = ("sqlite", "nginx", "alertmanager", "hummingbird")


def main() -> None:
    options = read_options()
    plan = Plan(
        binary=str(Path(options.binary).resolve()),
        peer_binary=str(Path(options.peer_binary).resolve()),
        place=Path(options.place).resolve(),
        rounds=1 if options.quick else options.rounds,
        seconds=2 if options.quick else options.seconds,
        is_quick=options.quick,
        peers=tuple(options.peers),
        connections=options.connections,
    )
    results = plan.place / "results"
    results.mkdir(parents=True, exist_ok=True)
    failed = [name for name in options.stages if not run(name, plan, results / f"{name}.json")]
    found = {
        name: json.loads(path.read_text())
        for name in STAGES
        if (path := results / f"{name}.json").exists()
    }
    print("\n" + report.markdown(found))
    if failed:
        sys.exit(f"failed: {', '.join(failed)}; nothing was written")
    if options.write:
        document, pictures = map(Path, options.write)
        report.write(found, document, pictures)


def run(name: str, plan: Plan, path: Path) -> bool:
    """One stage; what fails keeps the others from nothing, and leaves no figures behind."""
    print(f"{name}:", flush=True)
    path.unlink(missing_ok=True)
    began = time.monotonic()
    try:
        found = STAGES[name](plan)
    except Exception:
        traceback.print_exc()
        return False
    found |= {
        "machine": machine(), "on": today(), "commit": commit(), "quick": plan.is_quick,
    }
    path.write_text(json.dumps(found, indent=1) + "\n")
    print(f"  {time.monotonic() - began:.0f} s", flush=True)
    return True


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", required=True, help="the release binary")
    parser.add_argument("--peer-binary", required=True, help="Tests/Benchmark/Peer, built")
    parser.add_argument("--place", default=".build/bench", help="for results and large stores")
    parser.add_argument(
        "--stages", nargs="*", choices=STAGES, default=list(STAGES),
        help="all unless named; none to show what was found before",
    )
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=COMPANY, help="of stage rate")
    parser.add_argument("--rounds", type=int, default=5, help="of stage rate; others have up to 3")
    parser.add_argument("--seconds", type=int, default=5, help="of each run; elsewhere up to 3")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--quick", action="store_true", help="one short round, smaller sizes")
    parser.add_argument(
        "--write", nargs=2, metavar=("DOCUMENT", "PICTURES"),
        help="put the tables into the document and the plots into the folder",
    )
    return parser.parse_args()


def today() -> str:
    return datetime.date.today().isoformat()


def commit() -> str:
    """What is measured; documents, such as a run before this one wrote, are no part of it."""
    found = git("rev-parse", "--short", "HEAD")
    if not found:
        return "unknown"
    changed = git("status", "--porcelain", "--", ":/", ":(top,exclude)docs")
    return f"{found}-dirty" if changed else found


def git(*arguments: str) -> str:
    command = ["git", "-C", str(HERE), *arguments]
    return subprocess.run(command, capture_output=True, text=True).stdout.strip()


def machine() -> str:
    facts = Path("/proc/cpuinfo").read_text()
    models = [line.split(":")[1].strip() for line in facts.splitlines() if "model name" in line]
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return (
        f"{os.cpu_count()} cores of {models[0] if models else platform.machine()}, "
        f"{memory_kib / 1_048_576:.0f} GiB, Linux {platform.release()}"
    )


if __name__ == "__main__":
    main()
