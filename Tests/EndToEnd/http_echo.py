"""The echo server, and bytes sent to it in pieces that are sure to arrive one by one."""

import os
import re
import socket
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from http_cases import Case
from http_client import Address
from processes import Process
from raw_socket import RawClient, RawResponse
from waiting import eventually

DEFAULT_ECHO = Path(__file__).parents[2] / ".build/release/http-echo"

# Connections that wait together for one look of the server at all of them, and the bytes they send:
# a quarter of what the server holds of all requests together (HTTPLimits.bufferedBytesMax).
TOGETHER_MAX = 128
# Less than the server holds of unfinished heads in all (HTTPLimits.headBytesInAllMax).
BYTES_TOGETHER_MAX = 3_000_000
# The server accepts so many in one turn of its loop (LoopLimits.acceptsPerTurnMax).
ACCEPTS_PER_TURN = 64

NEXT = b"GET /echo HTTP/1.1\r\nHost: next\r\n\r\n"


class Echo:
    """The process, which counts the requests that it was handed whole."""

    def __init__(self, directory: Path) -> None:
        binary = Path(os.environ.get("HTTP_ECHO_BINARY", DEFAULT_ECHO)).resolve()
        assert os.access(binary, os.X_OK), f"{binary} is not there; run: make echo"
        self.process = Process([str(binary), "127.0.0.1:0"], directory=directory, name="http-echo")
        ready = re.compile(r"^http-echo listening on 127\.0\.0\.1:(\d+)$", re.MULTILINE)

        def announced() -> re.Match[str] | None:
            self.process.give_up_if_ended()
            return ready.search(self.process.out())

        self.port = int(eventually(announced, "the echo server says where it listens").group(1))
        self.probe = connect(self.address)
        # What `perform` did, for the report.
        self.connections = 0
        self.seconds = 0.0

    @property
    def address(self) -> Address:
        return ("127.0.0.1", self.port)

    def handled(self) -> int:
        """The requests handled so far.

        The server has one loop, which takes sockets in the order in which bytes came to them: an
        answer to this says that it has read all that was sent before.
        """
        self.probe.deadline = time.monotonic() + 15
        self.probe.send(b"GET /handled HTTP/1.1\r\nHost: probe\r\n\r\n")
        answer = self.probe.response()
        assert answer is not None and answer.status == 200, answer
        return int(answer.body)

    def close(self) -> None:
        self.probe.socket.close()
        self.process.kill()


def connect(address: Address) -> RawClient:
    client = RawClient(address)
    # Else the kernel would join the pieces, or wait before it sends one.
    client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return client


@dataclass
class Play:
    """One case, cut at some places."""

    case: Case
    cuts: tuple[int, ...]
    answers: list[RawResponse] = field(default_factory=list)

    @property
    def pieces(self) -> list[bytes]:
        places = [0, *self.cuts, len(self.case.data)]
        return [self.case.data[start:end] for start, end in zip(places, places[1:])]

    def __str__(self) -> str:
        cut = "whole" if not self.cuts else f"cut at {self.cuts[:9]}"
        return f"{self.case.name}, {cut}: {self.case.data[:200]!r}"


def places(data: bytes) -> list[int]:
    """Where a message is cut: everywhere; a long one near its ends, and here and there between."""
    count = len(data)
    if count <= 600:
        return list(range(1, count))
    between = range(150, count - 150, max(97, count // 100))
    return [*range(1, 150), *between, *range(count - 150, count)]


def plays(cases: Iterable[Case]) -> list[Play]:
    """Each case whole, byte by byte, and in two pieces."""
    all_plays: list[Play] = []
    for case in cases:
        cuts = places(case.data)
        all_plays += [Play(case, ()), Play(case, tuple(cuts))]
        all_plays += [Play(case, (cut,)) for cut in cuts]
    return all_plays


def perform(echo: Echo, all_plays: list[Play]) -> None:
    """Plays them, many at once, and checks each answer; none but the answered ones was handled."""
    started = time.monotonic()
    handled_before = echo.handled()
    for group in _groups(all_plays):
        clients = [connect(echo.address) for _ in group]
        for _ in range(len(group) // ACCEPTS_PER_TURN + 2):
            echo.handled()
        _send(echo, group, clients)
        for play, client in zip(group, clients):
            with client:
                _judge(play, client)
    answered = sum(answer.status == 200 for play in all_plays for answer in play.answers)
    assert echo.handled() - handled_before == answered, "handled what it refused"
    echo.connections += len(all_plays)
    echo.seconds += time.monotonic() - started


def _groups(all_plays: list[Play]) -> Iterator[list[Play]]:
    # Those of about as many pieces together, as they take turns.
    ordered = sorted(all_plays, key=lambda play: len(play.cuts))
    while ordered:
        longest = max(len(play.case.data) for play in ordered[:TOGETHER_MAX])
        count = max(1, min(TOGETHER_MAX, BYTES_TOGETHER_MAX // longest))
        yield ordered[:count]
        ordered = ordered[count:]


def _send(echo: Echo, group: list[Play], clients: list[RawClient]) -> None:
    sendings = [(client, play.pieces, play.case) for play, client in zip(group, clients)]
    turn = 0
    while sendings:
        going_on = []
        for client, pieces, case in sendings:
            is_last = turn == len(pieces) - 1
            if client.send(pieces[turn]) and not is_last:
                going_on.append((client, pieces, case))
            if is_last and case.half_closes:
                client.half_close()
        sendings = going_on
        turn += 1
        if sendings:
            echo.handled()


def _judge(play: Play, client: RawClient) -> None:
    case = play.case
    client.deadline = time.monotonic() + 15
    for statuses in case.answers:
        answer = client.response()
        if answer is None:
            assert case.may_be_silent, f"no answer to {play}"
            return
        play.answers.append(answer)
        assert answer.status in statuses, f"{answer} to {play}"
    if case.body is not None:
        assert play.answers[0].body == case.body, f"{play.answers[0]} to {play}"
    if case.closes:
        assert client.read_until_close() == b"", f"more than the answers to {play}"
        return
    client.send(NEXT)
    answer = client.response()
    assert answer is not None and answer.body == b"Host: next\n", f"{answer} behind {play}"
    play.answers.append(answer)
    client.half_close()
    assert client.read_until_close() == b"", f"more than the answers to {play}"
