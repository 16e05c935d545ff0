"""Thousands of clients that are slow on purpose, on one thread, and when each was shown out."""

import random
import select
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from flood import get_request
from gateway import Source

KINDS = ("headers", "idle", "body", "read")
GONE = select.EPOLLHUP | select.EPOLLERR | select.EPOLLRDHUP
# What a client that never reads asks for; far more than the kernel holds at both ends.
REQUESTS_UNREAD = 12_000
DRIP_SECONDS = 1.0


@dataclass(eq=False)
class SlowClient:
    """One of them; half of those that send do so a byte at a time, half not at all."""

    kind: str
    socket: socket.socket
    # What is still to be sent as fast as it is taken.
    unsent: memoryview
    drip: bytes
    began_at: float
    ended_at: float | None = None

    @property
    def seconds(self) -> float | None:
        return None if self.ended_at is None else self.ended_at - self.began_at


class SlowClients:
    """They connect when this is made, and stay until they are shown out or `close` is called."""

    def __init__(self, source: Source, count: int) -> None:
        self._epoll = select.epoll()
        self._by_descriptor: dict[int, SlowClient] = {}
        self._is_stopped = threading.Event()
        self.clients: list[SlowClient] = []
        # Watched from the first one on: to open thousands takes its time.
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        for index in range(count):
            self.clients.append(self._begin(source, index))

    def __enter__(self) -> "SlowClients":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._is_stopped.set()
        self._thread.join(timeout=30)
        for client in self.clients:
            client.socket.close()

    def of(self, kind: str) -> list[SlowClient]:
        return [client for client in self.clients if client.kind == kind]

    def left(self, kind: str) -> int:
        """Those of a kind that were not shown out yet."""
        return sum(client.ended_at is None for client in self.of(kind))

    def seconds(self, kind: str) -> list[float]:
        """How long those of a kind were let stay, sorted; all of them must be gone."""
        found = sorted(client.seconds or 0.0 for client in self.of(kind))
        assert found and found[0] > 0, f"some with slow {kind} are still there"
        return found

    def _begin(self, source: Source, index: int) -> SlowClient:
        kind = KINDS[index % len(KINDS)]
        channel = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        # Set before it connects, so that it is told to the other side.
        channel.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        channel.settimeout(30)
        channel.connect(source.gateway.address)
        channel.setblocking(False)
        is_dripping = index % (2 * len(KINDS)) >= len(KINDS)
        client = SlowClient(
            kind, channel, memoryview(FIRST_BYTES[kind](source)),
            b"x" if is_dripping and kind in ("headers", "body") else b"", time.monotonic(),
        )
        client.unsent = client.unsent[self._send(client, client.unsent) :]
        self._by_descriptor[channel.fileno()] = client
        self._epoll.register(channel.fileno(), GONE | select.EPOLLOUT)
        return client

    def _run(self) -> None:
        next_drip = time.monotonic()
        while not self._is_stopped.is_set():
            for descriptor, events in self._epoll.poll(0.1):
                self._handle(self._by_descriptor[descriptor], events)
            if time.monotonic() >= next_drip:
                next_drip += DRIP_SECONDS
                for client in list(self.clients):
                    if client.drip and not client.unsent and client.ended_at is None:
                        self._send(client, memoryview(client.drip))

    def _handle(self, client: SlowClient, events: int) -> None:
        if events & GONE:
            self._epoll.unregister(client.socket.fileno())
            client.ended_at = time.monotonic()
        else:
            client.unsent = client.unsent[self._send(client, client.unsent) :]
            if not client.unsent:
                self._epoll.modify(client.socket.fileno(), GONE)

    def _send(self, client: SlowClient, data: memoryview) -> int:
        try:
            return client.socket.send(data) if data else 0
        except OSError:
            # Full, or gone, of which the next look tells.
            return 0


def webhook_head(source: Source, length: int) -> bytes:
    return (
        f"POST {source.path} HTTP/1.1\r\nHost: gateway\r\nContent-Length: {length}\r\n"
        f"Authorization: Bearer {source.secret}\r\nContent-Type: application/json\r\n\r\n"
    ).encode()


UNREAD = get_request("/healthz") * REQUESTS_UNREAD
FIRST_BYTES: dict[str, Callable[[Source], bytes]] = {
    "headers": lambda _: b"POST /webhooks HTTP/1.1\r\nHost: gateway\r\nX-Slow: ",
    "idle": lambda _: b"",
    # Up to what counts as a small body; they are all of one size, and never whole.
    "body": lambda source: webhook_head(source, random.randint(20_000, 60_000)) + b"{",
    "read": lambda _: UNREAD,
}
