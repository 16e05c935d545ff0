"""A real PostgreSQL server, a database on it for each test, and a way to it that takes orders."""

import base64
import os
import secrets
import socket
import subprocess
import threading
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SCRIPT = Path(__file__).parents[1] / "PostgresTesting/serve.sh"
# The one file that a server on a Unix socket makes there, by its usual port.
SOCKET = ".s.PGSQL.5432"
# A gateway that was asked to stop is given the next tests' time for it.
DATABASES_KEPT = 3


class PostgresServer:
    """Lives as long as the process that started it; orders go to the script that runs it."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.directory = Path(self._answer("ready ").removeprefix("ready "))
        self._databases: list[str] = []
        self.sql("CREATE ROLE gateway LOGIN")

    def _answer(self, start: str) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        assert line.startswith(start), f"the server's script said {line!r}"
        return line

    def order(self, order: str) -> None:
        """`stop`, `kill` or `start`; returns when it is done."""
        assert self.process.stdin is not None
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        self._answer("done")

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Runs a statement as the server's owner; what it prints, without decoration."""
        command = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        result = subprocess.run(
            [*command, "-h", str(self.directory), "-d", database, "-c", statement],
            capture_output=True, text=True, timeout=60,
        )
        assert result.returncode == 0, f"{statement}: {result.stderr}"
        return result.stdout.strip()

    def database(self) -> "Database":
        """A new, empty one."""
        name = "test_" + secrets.token_hex(4)
        self.sql(f"CREATE DATABASE {name} OWNER gateway")
        self._databases.append(name)
        while len(self._databases) > DATABASES_KEPT:
            self.sql(f"DROP DATABASE {self._databases.pop(0)} WITH (FORCE)")
        return Database(
            self, name, password="pg/" + secrets.token_hex(12), token=secrets.token_hex(16),
            master_key=base64.b64encode(os.urandom(32)).decode(),
        )

    def end(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(timeout=60)


@dataclass(frozen=True)
class Database:
    """A database, and what every gateway on it is told."""

    server: PostgresServer
    name: str
    # Asked for by nobody, as the server trusts its socket, and to be shown nowhere.
    password: str
    token: str
    master_key: str

    @property
    def secrets(self) -> set[str]:
        return {self.password, quote(self.password, safe=""), self.token, self.master_key}

    def address(self, host: str = "", parameters: str = "") -> str:
        user = "gateway:" + quote(self.password, safe="")
        place = host or f"?host={self.server.directory}"
        return f"postgres://{user}@{host}/{self.name}" + (
            f"?{parameters}" if host else place + (f"&{parameters}" if parameters else "")
        )

    def settings(self, address: str = "") -> dict[str, str]:
        return {
            "GATEWAY_STORE": address or self.address(),
            "GATEWAY_ADMIN_TOKEN": self.token,
            "GATEWAY_MASTER_KEY": self.master_key,
        }

    def sql(self, statement: str) -> str:
        return self.server.sql(statement, self.name)


class Way:
    """A port on this machine that leads to the server, until it is told otherwise."""

    def __init__(self, server: PostgresServer) -> None:
        self._target = str(server.directory / SOCKET)
        self._flow = threading.Event()
        self._flow.set()
        # Of what gateways send: how much goes through before a connection is cut, if ever.
        self._until_cut: int | None = None
        self._cut_is_late = False
        self.asked = 0
        self.cuts = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = self._listen(0)
        self.port = self._listener.getsockname()[1]

    def __enter__(self) -> "Way":
        return self

    def __exit__(self, *_: object) -> None:
        self._flow.set()
        self.cut()

    def hang(self) -> None:
        """Takes everything and answers nothing, as a server behind a dead link."""
        self._flow.clear()

    def flow(self) -> None:
        self._flow.set()

    def cut(self) -> None:
        """Ends all connections and refuses new ones, as a machine whose server has stopped."""
        # A listener that another thread waits on closes only when that one is woken.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for end in self._open:
                try:
                    end.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass  # Ended already.
            self._open.clear()

    def mend(self) -> None:
        self._listener = self._listen(self.port)

    def cut_once(self, number: int, *, late: bool) -> None:
        """Cuts the connection on which the `number`th request of all comes, once: before the
        server sees it, or, `late`, before anybody sees the answer. With 0 it never comes."""
        with self._lock:
            self._until_cut, self._cut_is_late = number or None, late

    def _is_cut(self) -> bool:
        with self._lock:
            self.asked += 1
            if self._until_cut is None:
                return False
            self._until_cut -= 1
            if self._until_cut:
                return False
            self._until_cut = None
            self.cuts += 1
            return True

    def _listen(self, port: int) -> socket.socket:
        listener = socket.create_server(("127.0.0.1", port), backlog=64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                far.connect(self._target)
            except OSError:
                near.close()
                far.close()
                continue
            with self._lock:
                self._open |= {near, far}
            for source, sink, asks in ((near, far, True), (far, near, False)):
                threading.Thread(
                    target=self._pump, args=(source, sink, asks), daemon=True
                ).start()

    def _pump(self, source: socket.socket, sink: socket.socket, asks: bool) -> None:
        try:
            while data := source.recv(65536):
                self._flow.wait()
                if not asks or not self._is_cut():
                    sink.sendall(data)
                    continue
                # The way back first, so that no answer comes through.
                source.shutdown(socket.SHUT_RDWR)
                if self._cut_is_late:
                    sink.sendall(data)
                break
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
