"""A TLS client that decides itself how its records and what goes over the wire are cut."""

import random
import socket
import ssl
from collections.abc import Callable

from raw_socket import RawResponse
from tls import TLSGateway

# Lengths of records; one more than fits into one makes two.
ODD_LENGTHS = (1, 2, 17, 100, 1_000, 16_383, 16_384, 16_385)


class WireClient:
    """A connection over buffers in memory; `before` goes ahead of the handshake."""

    def __init__(
        self, gateway: TLSGateway, *, before: bytes = b"", context: ssl.SSLContext | None = None
    ) -> None:
        self.socket = socket.create_connection(gateway.address, timeout=15)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = context or gateway.certificate.client()
        self._tls = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname="localhost"
        )
        self._before = before
        self.received = b""

    def __enter__(self) -> "WireClient":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def handshake(self) -> "WireClient":
        self._until_it_works(self._tls.do_handshake)
        self.flush()
        return self

    def hello(self) -> bytes:
        """The first flight, which is not sent."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            pass
        return self._outgoing.read()

    def write(self, data: bytes, *, records: tuple[int, ...] = ()) -> None:
        """Encrypts it, in records of such lengths; sends nothing yet."""
        offset, number = 0, 0
        while offset < len(data):
            length = records[number % len(records)] if records else len(data)
            self._tls.write(data[offset : offset + length])
            offset, number = offset + length, number + 1

    def flush(self, *, seed: int | None = None) -> None:
        """Sends what there is; by a seed in pieces that end where no record does."""
        data = self._before + self._outgoing.read()
        self._before = b""
        if seed is None:
            self.socket.sendall(data)
            return
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chance, offset = random.Random(seed), 0
        while offset < len(data):
            length = chance.choice((1, 3, 4, 5, 6, 1_460, 9_000, 70_000))
            self.socket.sendall(data[offset : offset + length])
            offset += length

    def end(self) -> None:
        """Says that it sends no more (`close_notify`), and goes on to read."""
        try:
            self._tls.unwrap()
        except ssl.SSLWantReadError:
            pass
        self.flush()

    def read_more(self) -> bool:
        """Waits for more; false once the gateway has said that there is none.

        An end of the connection without that word raises `ssl.SSLEOFError`.
        """
        data = self._until_it_works(lambda: self._tls.read(65_536))
        self.received += data
        return bool(data)

    def response(self) -> RawResponse:
        """The next answer, which has a length."""
        while b"\r\n\r\n" not in self.received:
            assert self.read_more(), self.received
        head, _, rest = self.received.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        answer = RawResponse(int(lines[0].split(" ")[1]))
        for line in lines[1:]:
            name, _, value = line.partition(":")
            answer.headers[name.strip().lower()] = value.strip()
        self.received = rest
        length = int(answer.headers["content-length"])
        while len(self.received) < length:
            assert self.read_more(), self.received
        answer.body, self.received = self.received[:length], self.received[length:]
        return answer

    def _until_it_works(self, step: Callable[[], bytes | None]) -> bytes:
        while True:
            try:
                return step() or b""
            except ssl.SSLWantReadError:
                self.flush()
                data = self.socket.recv(65_536)
                if data:
                    self._incoming.write(data)
                else:
                    self._incoming.write_eof()
            except ssl.SSLZeroReturnError:
                return b""
