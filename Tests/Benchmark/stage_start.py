"""From the start of the process until it is ready, and what the program weighs on the disk."""

import subprocess
import tempfile
from pathlib import Path
from typing import Any

from plan import Plan
from stores import copy, filled
from test_footprint import start_once


def start(plan: Plan) -> dict[str, Any]:
    size = max(plan.sizes)
    stored = filled(plan)[size]
    with tempfile.TemporaryDirectory(prefix="run-", dir=plan.place) as place:
        here = Path(place)
        copy(stored.directory, here / "stored")
        # What is read of it is in memory, as after an upgrade in place.
        start_once(plan.binary, here / "stored")
        starts: dict[str, list[float]] = {"empty": [], "stored": []}
        for number in range(plan.starts):
            starts["empty"].append(start_once(plan.binary, here / f"empty{number}"))
            starts["stored"].append(start_once(plan.binary, here / "stored"))
        return {
            "stored_alerts": size, "seconds": starts,
            "stripped_bytes": stripped_bytes(plan.binary, here / "stripped"),
        }


def stripped_bytes(binary: str, target: Path) -> int:
    subprocess.run(["strip", "-o", str(target), binary], check=True)
    return target.stat().st_size
