"""Many clients at once on kept-alive connections, and what the gateway promised each of them."""

import json
import random
import socket
import ssl
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from gateway import Gateway, Source
from http_client import Address
from payloads import EPOCH, closed, new, new_id


class KeepAlive:
    """One connection that sends whole requests and reads whole answers, and little else: the
    clients share a machine with the gateway they are to keep busy."""

    def __init__(
        self, address: Address, seconds: float = 10.0, tls: ssl.SSLContext | None = None
    ) -> None:
        self._socket = socket.create_connection(address, timeout=seconds)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self._socket = tls.wrap_socket(self._socket)
        self._received = b""

    def close(self) -> None:
        self._socket.close()

    def post(self, path: str, token: str, body: bytes) -> tuple[int, bytes]:
        """Status and body; `ConnectionError` when no whole answer came."""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._socket.sendall(head.encode() + body)
        while (end := self._received.find(b"\r\n\r\n")) < 0:
            self._receive()
        fields = self._received[:end].lower().split(b"\r\n")
        self._received = self._received[end + 4 :]
        lengths = [line[15:] for line in fields if line.startswith(b"content-length:")]
        length = int(lengths[0]) if lengths else 0
        while len(self._received) < length:
            self._receive()
        answer, self._received = self._received[:length], self._received[length:]
        return int(fields[0].split(b" ")[1]), answer

    def _receive(self) -> None:
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionResetError("closed before the answer was whole")
        self._received += data


@dataclass
class Promises:
    """What was acknowledged: nothing of it may be missing afterwards."""

    # Incidents whose first webhook was answered 200, with the alert's id.
    fired: dict[str, str] = field(default_factory=dict)
    # Incidents whose `incident#closed` was answered 200.
    closed: set[str] = field(default_factory=set)
    # Alerts whose resolve was answered 200.
    resolved: set[str] = field(default_factory=set)
    # Answers that neither promise anything nor ask to try again.
    odd: list[tuple[int, bytes]] = field(default_factory=list)
    refused: int = 0
    # Requests that got no whole answer.
    broken: int = 0

    @property
    def count(self) -> int:
        return len(self.fired) + len(self.closed) + len(self.resolved)

    def add(self, others: "Promises") -> None:
        self.fired |= others.fired
        self.closed |= others.closed
        self.resolved |= others.resolved


class Storm:
    """Threads that send webhooks and resolves until they are stopped or nobody answers.

    One that `keeps_on` connects again instead, as through a balancer.
    """

    def __init__(
        self,
        gateway: Gateway,
        source: Source,
        *,
        senders: int = 5,
        resolvers: int = 2,
        keeps_on: bool = False,
    ) -> None:
        self.promises = Promises()
        self._gateway = gateway
        self._source = source
        # Read once: the file cannot be read by a gateway that is gone.
        self._token = gateway.token
        self._keeps_on = keeps_on
        self._to_resolve: deque[str] = deque(maxlen=10_000)
        self._is_stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(work,), daemon=True)
            for work in [self._send] * senders + [self._resolve] * resolvers
        ]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Promises:
        self._is_stopped.set()
        for thread in self._threads:
            thread.join(timeout=30)
            assert not thread.is_alive(), "a client hangs"
        return self.promises

    def _run(self, work: Callable[[KeepAlive], None]) -> None:
        self._run_connection(work)
        while self._keeps_on and not self._is_stopped.is_set():
            self._run_connection(work)

    def _run_connection(self, work: Callable[[KeepAlive], None]) -> None:
        try:
            client = KeepAlive(self._gateway.address)
        except OSError:
            return
        try:
            while not self._is_stopped.is_set():
                work(client)
        except OSError:
            # The gateway was ended under it; an answer that was cut off is no answer.
            self.promises.broken += 1
        finally:
            client.close()

    def _post(self, client: KeepAlive, path: str, token: str, body: bytes) -> dict | None:
        status, answer = client.post(path, token, body)
        if status == 200:
            return json.loads(answer)
        # 502 and 504 come from a balancer whose gateway has just gone.
        if status in (502, 503, 504):
            self.promises.refused += 1
        else:
            self.promises.odd.append((status, answer))
        return None

    def _send(self, client: KeepAlive) -> None:
        incident_id = new_id()
        answer = self._webhook(client, new(incident_id, EPOCH))
        if answer is None:
            return
        self.promises.fired[incident_id] = answer["alert_id"]
        if random.random() < 0.3:
            if self._webhook(client, closed(incident_id, EPOCH + 1)) is not None:
                self.promises.closed.add(incident_id)
        else:
            self._to_resolve.append(answer["alert_id"])

    def _webhook(self, client: KeepAlive, payload: dict) -> dict | None:
        body = json.dumps(payload).encode()
        return self._post(client, self._source.path, self._source.secret, body)

    def _resolve(self, client: KeepAlive) -> None:
        try:
            alert_id = self._to_resolve.popleft()
        except IndexError:
            self._is_stopped.wait(0.001)
            return
        path = f"/v1/alerts/{alert_id}/resolve"
        if self._post(client, path, self._token, b"{}") is not None:
            self.promises.resolved.add(alert_id)
