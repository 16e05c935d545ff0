"""Bytes on a socket and what comes back: for requests that no HTTP client would send."""

import socket
import struct
import time
from dataclasses import dataclass, field

from http_client import Address


@dataclass
class RawResponse:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RawClient:
    """A connection that sends what it is told and reads with a deadline."""

    def __init__(self, address: Address, seconds: float = 15.0, own: str = "") -> None:
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.deadline = time.monotonic() + seconds
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(seconds)
        if own:
            self.socket.bind((own, 0))
        self.socket.connect(address)
        self.received = b""
        self.is_closed = False

    def __enter__(self) -> "RawClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, data: bytes) -> bool:
        """Sends it all; `False` when the peer closed before it could take it."""
        try:
            self.socket.sendall(data)
            return True
        except (BrokenPipeError, ConnectionResetError):
            return False

    def half_close(self) -> None:
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self) -> None:
        """Goes away at once, without reading what was sent to it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def read_more(self) -> bool:
        """Waits for the next bytes; `False` once the peer has closed."""
        self.socket.settimeout(max(0.01, self.deadline - time.monotonic()))
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        except TimeoutError:
            raise AssertionError(f"neither an answer nor a close in time; got {self.received!r}")
        self.received += data
        self.is_closed = self.is_closed or not data
        return bool(data)

    def read_until_close(self) -> bytes:
        while self.read_more():
            pass
        return self.received

    def response(self, has_body: bool = True) -> RawResponse | None:
        """The next answer, 1xx ones included; `None` when the connection closes instead of one."""
        while b"\r\n\r\n" not in self.received:
            if not self.read_more():
                assert not self.received, f"closed within an answer: {self.received!r}"
                return None
        head, _, rest = self.received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        assert lines[0].startswith("HTTP/1.1 "), lines[0]
        answer = RawResponse(int(lines[0].split(" ")[1]))
        for line in lines[1:]:
            name, _, value = line.partition(":")
            answer.headers[name.strip().lower()] = value.strip()
        self.received = rest
        if has_body and answer.status >= 200 and answer.status not in (204, 304):
            answer.body = self._body(answer)
        return answer

    def _body(self, answer: RawResponse) -> bytes:
        assert "transfer-encoding" not in answer.headers, "no answer here is long enough for it"
        length = int(answer.headers.get("content-length", "0"))
        while len(self.received) < length:
            assert self.read_more(), f"closed within a body: {self.received!r}"
        body, self.received = self.received[:length], self.received[length:]
        return body


def exchange(address: Address, data: bytes, *, half_close: bool = False) -> RawResponse | None:
    """Sends `data` on a connection of its own and reads one answer."""
    with RawClient(address) as client:
        client.send(data)
        if half_close:
            client.half_close()
        return client.response()
