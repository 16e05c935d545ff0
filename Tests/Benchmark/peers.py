"""What is measured: the gateway on each of its stores, and its company, as real processes."""

import re
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from gateway import Gateway, Source
from http_client import request
from plan import HERE, Plan
from postgres import PostgresServer
from processes import Process, free_port
from stub import Stub

NGINX = """
daemon off;
worker_processes 1;
pid {directory}/pid;
error_log stderr warn;
events {{ worker_connections 20000; }}
http {{
    access_log off;
    keepalive_requests 100000000;
    client_body_temp_path {directory}/body;
    server {{
        listen 127.0.0.1:{port};
        location / {{ return 202; }}
    }}
}}
"""


class Peer:
    """Something that takes alerts in over HTTP."""

    name = ""
    script = "bigpanda.lua"
    # Where the load goes; more than one is loaded at once, by a share of the connections each.
    urls: list[str]
    secret = "none"

    def processes(self) -> list[Process]:
        raise NotImplementedError

    def kept(self) -> int | None:
        """How many deliveries are there now; `None` where nothing is kept."""
        return None

    def end(self) -> None:
        for process in self.processes():
            process.kill()

    def resident_mib(self) -> float:
        return sum(process.resident_kib() for process in self.processes()) / 1024


class SQLiteGateway(Peer):
    name = "gateway, SQLite"

    def __init__(self, plan: Plan, directory: Path) -> None:
        self._stub = Stub(plan.binary, directory / "stub")
        self.gateways = self._start(plan.binary, directory)
        source = connected(self.gateways[0], self._stub)
        self.secret = source.secret
        self.urls = [f"http://127.0.0.1:{gateway.port}{source.path}" for gateway in self.gateways]

    def _start(self, binary: str, directory: Path) -> list[Gateway]:
        return [quiet(binary, directory / "gateway")]

    def processes(self) -> list[Process]:
        return [gateway.process for gateway in self.gateways]

    def kept(self) -> int | None:
        path = self.gateways[0].data / "gateway.db"
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return connection.execute("SELECT count(*) FROM deliveries").fetchone()[0]

    def end(self) -> None:
        super().end()
        self._stub.process.kill()


class PostgresGateway(SQLiteGateway):
    replicas = 1

    def _start(self, binary: str, directory: Path) -> list[Gateway]:
        self._server = PostgresServer()
        self._database = self._server.database()
        settings = self._database.settings()
        return [
            quiet(binary, directory / f"replica{index}", **settings)
            for index in range(self.replicas)
        ]

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"gateway, PostgreSQL, {self.replicas} replica{'s' * (self.replicas > 1)}"

    def kept(self) -> int | None:
        return int(self._database.sql("SELECT count(*) FROM deliveries"))

    def end(self) -> None:
        super().end()
        self._server.end()


class TwoReplicas(PostgresGateway):
    replicas = 2


class Nginx(Peer):
    """Answers 202 without a look: as fast as this machine can be asked."""

    name = "nginx"

    def __init__(self, _: Plan, directory: Path) -> None:
        port = free_port()
        directory.mkdir(parents=True)
        path = directory / "nginx.conf"
        path.write_text(NGINX.format(directory=directory, port=port))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = Process(
            [program, "-c", str(path), "-p", str(directory)], directory=directory, name="nginx"
        )
        self.urls = [f"http://127.0.0.1:{port}/webhooks/bigpanda/none"]
        wait_for(lambda: request(("127.0.0.1", port), "GET", "/").status == 202)

    def processes(self) -> list[Process]:
        return [self._process]

    def end(self) -> None:
        self._process.stop()

    def resident_mib(self) -> float:
        command = ["ps", "-o", "rss=", "--pid", str(self._process.pid)]
        command += ["--ppid", str(self._process.pid)]
        told = subprocess.run(command, capture_output=True, text=True, check=True)
        return sum(int(line) for line in told.stdout.split()) / 1024


class Alertmanager(Peer):
    """Keeps alerts in memory only; its API is called as Prometheus calls it."""

    name = "Alertmanager"
    script = "alertmanager.lua"

    def __init__(self, _: Plan, directory: Path) -> None:
        self._port = free_port()
        directory.mkdir(parents=True)
        path = directory / "alertmanager.yml"
        path.write_text("route: {receiver: none}\nreceivers: [{name: none}]\n")
        self._process = Process(
            [
                shutil.which("prometheus-alertmanager") or "alertmanager",
                f"--config.file={path}", f"--storage.path={directory}/data",
                f"--web.listen-address=127.0.0.1:{self._port}", "--cluster.listen-address=",
            ],
            directory=directory, name="alertmanager",
        )
        self.urls = [f"http://127.0.0.1:{self._port}/api/v2/alerts"]
        wait_for(lambda: self._get("/-/ready").status == 200)

    def processes(self) -> list[Process]:
        return [self._process]

    def kept(self) -> int | None:
        text = self._get("/metrics").body.decode()
        pattern = r'^alertmanager_alerts_received_total\{status="firing",version="v2"\} (\S+)$'
        found = re.search(pattern, text, re.MULTILINE)
        return int(float(found.group(1))) if found else 0

    def _get(self, path: str):
        return request(("127.0.0.1", self._port), "GET", path, timeout=30)


def quiet(binary: str, directory: Path, **settings: str) -> Gateway:
    return Gateway(binary, directory, GATEWAY_LOG_LEVEL="warning", **settings).wait_until_ready()


def connected(gateway: Gateway, stub: Stub) -> Source:
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    return gateway.create_source(answer.json()["id"])


def wait_for(probe: Callable[[], bool], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if probe():
                return
        except OSError:
            pass
        assert time.monotonic() < deadline, "it does not begin to serve"
        time.sleep(0.02)
