"""Thousands of connections from one thread, each with one request under way: load that costs the
machine little, so that most of it is left for the gateway."""

import select
import socket
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway import Source
from http_client import Address

Tag = Any
HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length:"


@dataclass(frozen=True)
class Answer:
    """What came back for the request that was started with `tag`; status 0 is a closed socket."""

    tag: Tag
    status: int
    head: bytes = b""
    body: bytes = b""


@dataclass(eq=False)
class Line:
    """One connection."""

    socket: socket.socket
    is_busy: bool = False
    tag: Tag = None
    received: bytes = b""
    unsent: memoryview = field(default_factory=lambda: memoryview(b""))


def webhook_request(source: Source, body: bytes) -> bytes:
    head = (
        f"POST {source.path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {source.secret}"
        f"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def get_request(path: str, token: str = "") -> bytes:
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: gateway\r\n{authorization}\r\n".encode()


class Flood:
    """Kept-alive connections; one that the gateway closes is opened anew for the next request."""

    def __init__(self, address: Address, connections: int) -> None:
        self._address = address
        self._poll = select.epoll()
        self._lines: dict[int, Line] = {}
        self._free: deque[Line] = deque()
        # Requests that wait for their answers.
        self.busy = 0
        for _ in range(connections):
            self._free.append(self._open())

    def __enter__(self) -> "Flood":
        return self

    def __exit__(self, *_: object) -> None:
        for line in self._lines.values():
            line.socket.close()
        self._poll.close()

    def start(self, tag: Tag, request: bytes) -> None:
        """Sends a request on a connection that is free, of which there must be one."""
        line = self._free.popleft()
        if line.socket.fileno() < 0:
            line = self._open()
        self.busy += 1
        line.is_busy, line.tag, line.unsent = True, tag, memoryview(request)
        self._send(line)

    def poll(self, seconds: float) -> list[Answer]:
        """The answers that are there, or come within so many seconds."""
        answers: list[Answer] = []
        for descriptor, _ in self._poll.poll(seconds):
            line = self._lines[descriptor]
            if line.unsent:
                self._send(line)
            answer = self._receive(line)
            if answer is not None:
                answers.append(answer)
        return answers

    def exchange(
        self, requests: Iterable[tuple[Tag, bytes]], seconds: float = 120.0
    ) -> Iterator[Answer]:
        """Sends all of them, as many at a time as there are connections; yields each answer.

        Fails when nothing at all is answered for so many seconds.
        """
        left = iter(requests)
        is_empty = False
        last = time.monotonic()
        while True:
            while self._free and not is_empty:
                try:
                    self.start(*next(left))
                except StopIteration:
                    is_empty = True
            if is_empty and self.busy == 0:
                return
            answers = self.poll(1.0)
            if answers:
                last = time.monotonic()
            assert time.monotonic() - last < seconds, f"{self.busy} requests without an answer"
            yield from answers

    def _open(self) -> Line:
        channel = socket.create_connection(self._address, timeout=30)
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        channel.setblocking(False)
        line = Line(channel)
        self._lines[channel.fileno()] = line
        self._poll.register(channel.fileno(), select.EPOLLIN)
        return line

    def _send(self, line: Line) -> None:
        try:
            sent = line.socket.send(line.unsent)
        except BlockingIOError:
            sent = 0
        except OSError:
            # What the gateway said before it closed is still to be read.
            sent = len(line.unsent)
        line.unsent = line.unsent[sent:]
        events = select.EPOLLIN | (select.EPOLLOUT if line.unsent else 0)
        self._poll.modify(line.socket.fileno(), events)

    def _receive(self, line: Line) -> Answer | None:
        try:
            data = line.socket.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError:
            data = b""
        if not data:
            return self._closed(line)
        line.received += data
        end = line.received.find(HEAD_END)
        if end < 0:
            return None
        head = line.received[:end]
        lowered = head.lower()
        at = lowered.find(LENGTH)
        length = int(lowered[at + len(LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        body_end = end + len(HEAD_END) + length
        if len(line.received) < body_end:
            return None
        body, line.received = line.received[end + len(HEAD_END) : body_end], b""
        if b"connection: close" in lowered:
            self._forget(line)
        return self._answered(line, int(head[9:12]), head, body)

    def _answered(self, line: Line, status: int, head: bytes, body: bytes) -> Answer:
        self._free.append(line)
        self.busy -= 1
        tag, line.is_busy, line.tag = line.tag, False, None
        return Answer(tag, status, head, body)

    def _closed(self, line: Line) -> Answer | None:
        """A connection that ended: an answer only if one was waited for."""
        self._forget(line)
        return self._answered(line, 0, b"", b"") if line.is_busy else None

    def _forget(self, line: Line) -> None:
        self._poll.unregister(line.socket.fileno())
        del self._lines[line.socket.fileno()]
        line.socket.close()
        line.received, line.unsent = b"", memoryview(b"")
