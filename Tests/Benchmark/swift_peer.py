"""The company in our own language: Hummingbird and GRDB, as a team would put them together."""

import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from peers import Peer, wait_for
from http_client import request
from processes import Process, free_port
from plan import Plan


class Hummingbird(Peer):
    """Durable as the gateway is: a transaction of SQLite with `synchronous=FULL` an answer."""

    name = "Hummingbird and GRDB"

    def __init__(self, plan: Plan, directory: Path) -> None:
        port = free_port()
        self.secret = secrets.token_hex(16)
        self._store = directory / "peer.sqlite"
        self._process = Process(
            [plan.peer_binary], directory=directory, name="peer",
            settings={
                "PEER_PORT": str(port), "PEER_SECRET": self.secret,
                "PEER_DATABASE": str(self._store),
            },
        )
        self.urls = [f"http://127.0.0.1:{port}/webhooks/bigpanda"]
        wait_for(lambda: request(("127.0.0.1", port), "GET", "/health").status == 200)
        refused = request(("127.0.0.1", port), "POST", "/webhooks/bigpanda", body=b"{}")
        assert refused.status == 401, refused

    def processes(self) -> list[Process]:
        return [self._process]

    def kept(self) -> int:
        with closing(sqlite3.connect(f"file:{self._store}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM deliveries").fetchone()[0]
