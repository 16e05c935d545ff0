"""Stores with many alerts, filled through the gateway itself and kept for the next run."""

import hashlib
import json
import os
import secrets
import shutil
import sqlite3
import time
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path

from load import fill
from peers import Peer, connected, quiet
from processes import Process
from plan import Plan
from stub import Stub

PAGE_BYTES = 4096
# Of one second in which a gateway does nothing but look whether there is something to do.
CALM_BYTES = 100_000
CALM_SECONDS_MAX = 300
# Reading a million incidents back that nobody knows would be another benchmark.
CALM = {"GATEWAY_RECONCILE_SECONDS": "86400"}


@dataclass(frozen=True)
class Store:
    """A gateway's directory, at rest."""

    directory: str
    path: str
    secret: str
    # The last of its alerts, as `bigpanda.lua` is told of them.
    run: str
    run_count: int

    @property
    def orders(self) -> dict[str, object]:
        return {"stored": self.run_count, "stored_run": self.run}


class KeptGateway(Peer):
    """A gateway on a store that has been filled before, or is being filled."""

    name = "gateway"

    def __init__(self, binary: str, directory: Path, path: str, secret: str) -> None:
        self.gateway = quiet(binary, directory, **CALM)
        self.secret = secret
        self.urls = [f"http://127.0.0.1:{self.gateway.port}{path}"]

    def wait_until_calm(self) -> float:
        """A start plans anew when each firing alert is read back; how many seconds that took."""
        started = time.monotonic()
        while True:
            before = self._written_bytes()
            time.sleep(1)
            if self._written_bytes() - before < CALM_BYTES:
                return time.monotonic() - started - 1
            is_late = time.monotonic() > started + CALM_SECONDS_MAX
            assert not is_late, "it goes on writing though nobody asks"

    def _written_bytes(self) -> int:
        facts = Path(f"/proc/{self.gateway.process.pid}/io").read_text()
        return int(facts.split("wchar: ")[1].split()[0])

    def processes(self) -> list[Process]:
        return [self.gateway.process]

    def kept(self) -> int:
        return asked(self.gateway.data, "SELECT count(*) FROM deliveries")

    def firing(self) -> int:
        return firing(self.gateway.data)


def firing(data: Path) -> int:
    return asked(data, "SELECT value FROM counts WHERE name = 'alerts.firing'")


def asked(data: Path, statement: str) -> int:
    with closing(sqlite3.connect(f"file:{data / 'gateway.db'}?mode=ro", uri=True)) as connection:
        return connection.execute(statement).fetchone()[0]


def filled(plan: Plan) -> dict[int, Store]:
    """A store for each size; made anew when the program is another."""
    program = hashlib.sha256(Path(plan.binary).read_bytes()).hexdigest()[:16]
    place = plan.place / "stores" / program
    told = place / "stores.json"
    if told.exists():
        found = {int(size): Store(**words) for size, words in json.loads(told.read_text()).items()}
        if set(plan.sizes) <= set(found):
            return found
    shutil.rmtree(place.parent, ignore_errors=True)
    made = make(plan, place)
    told.write_text(json.dumps({size: asdict(store) for size, store in made.items()}))
    return made


def make(plan: Plan, place: Path) -> dict[int, Store]:
    directory = place / "growing"
    stub = Stub(plan.binary, place / "stub")
    gateway = quiet(plan.binary, directory, **CALM)
    source = connected(gateway, stub)
    stub.process.kill()
    assert gateway.stop() == 0
    made: dict[int, Store] = {}
    for size in plan.sizes:
        run, started = secrets.token_hex(5), time.monotonic()
        peer = KeptGateway(plan.binary, directory, source.path, source.secret)
        try:
            count = size - peer.firing()
            fill(peer, count, run, peer.firing)
            assert peer.gateway.stop() == 0
        finally:
            peer.end()
        kept = place / str(size)
        copy(directory, kept)
        made[size] = Store(str(kept), source.path, source.secret, run, count)
        print(f"  {size:,} alerts stored in {time.monotonic() - started:.0f} s", flush=True)
    shutil.rmtree(directory)
    return made


def copy(source: Path | str, target: Path) -> None:
    """On disk when this returns, so that no measurement waits for its pages to be written."""
    shutil.copytree(source, target, copy_function=copy_pages)


def copy_pages(source: str, target: str) -> None:
    """As a gateway writes its file: one page after the other.

    What is written at once, the kernel keeps as one, and writes all of it for each page of it that
    changes: beside a hundred thousand alerts that takes a gateway half of its rate.
    """
    with open(source, "rb") as old, open(target, "wb", buffering=0) as new:
        while page := old.read(PAGE_BYTES):
            new.write(page)
        os.fsync(new.fileno())
    shutil.copymode(source, target)
