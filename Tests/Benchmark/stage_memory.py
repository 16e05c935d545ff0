"""Memory of a gateway that is idle, that has stored many alerts, and that many connections are
open to; and how often an idle one wakes up."""

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from company import running
from flood import Flood, get_request
from load import fill
from peers import SQLiteGateway, quiet
from processes import Process
from plan import Plan
from stores import firing
from waiting import eventually

# As many samples of one value, 20 ms apart, are taken for the end of a change.
SETTLED_SAMPLES = 50
IDLE_SECONDS = 10
# Of files besides the connections.
DESCRIPTORS_MORE = 200


def memory(plan: Plan) -> dict[str, Any]:
    count = plan.idle_connections
    let_open(count + DESCRIPTORS_MORE)
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        process = quiet(plan.binary, Path(place) / "gateway").process
        try:
            idle = settled(process) | {"wakeups_per_second": wakeups_per_second(process)}
        finally:
            process.kill()
    with running("sqlite", plan) as peer:
        assert isinstance(peer, SQLiteGateway)
        gateway = peer.gateways[0]
        fill(peer, plan.loaded_alerts, "loaded", lambda: firing(gateway.data))
        loaded = settled(gateway.process) | {"alerts": plan.loaded_alerts}
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        gateway = quiet(plan.binary, Path(place) / "gateway")
        try:
            with Flood(gateway.address, count) as flood:
                asked = ((None, get_request("/healthz")) for _ in range(count))
                statuses = [answer.status for answer in flood.exchange(asked)]
                assert statuses == [200] * count, set(statuses)
                connected = settled(gateway.process) | {"connections": count}
                assert open_sockets(gateway.process) >= count, "some were closed meanwhile"
        finally:
            gateway.kill()
    return {"idle": idle, "loaded": loaded, "connected": connected}


def let_open(descriptors: int) -> None:
    """For this process and those that it starts."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert hard >= descriptors, f"allow {descriptors} open files: ulimit -Hn is {hard}"
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, descriptors), hard))


def settled(process: Process) -> dict[str, float]:
    samples: list[int] = []

    def is_settled() -> bool:
        samples.append(process.resident_kib())
        return len(set(samples[-SETTLED_SAMPLES:])) == 1 and len(samples) >= SETTLED_SAMPLES

    eventually(is_settled, "resident memory settles", 30)
    return {
        "resident_bytes": process.resident_kib() * 1024,
        "private_bytes": status(process.pid, "RssAnon") * 1024,
        "most_resident_bytes": process.most_resident_kib() * 1024,
    }


def wakeups_per_second(process: Process) -> float:
    before, started = switches(process), time.monotonic()
    time.sleep(IDLE_SECONDS)
    return (switches(process) - before) / (time.monotonic() - started)


def switches(process: Process) -> int:
    tasks = Path(f"/proc/{process.pid}/task").iterdir()
    return sum(
        status(f"{process.pid}/task/{task.name}", "voluntary_ctxt_switches") for task in tasks
    )


def status(process: int | str, name: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    raise AssertionError(f"no {name}")


def open_sockets(process: Process) -> int:
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
