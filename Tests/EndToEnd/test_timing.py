"""How long a refusal takes tells nothing about what was wrong."""

import os
import random
import socket
import statistics
import time
from collections.abc import Callable

import pytest

from gateway import Source

# Of each kind; `make soak` raises it to 50,000.
REFUSALS = int(os.environ.get("GATEWAY_TIMING_REFUSALS", "3000"))
# Beyond it two samples of one size differ by more than chance (the bound of TVLA, ISO/IEC 17825).
T_MAX = 4.5
# Where a scheduler came between is no part of what the program does.
KEPT_SHARE = 0.9


def request(path: str, secret: str) -> bytes:
    return (
        f"POST {path} HTTP/1.1\r\nHost: gateway\r\nAuthorization: Bearer {secret}\r\n"
        "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    ).encode()


def another(character: str) -> str:
    return "A" if character != "A" else "B"


def wrong(source: Source) -> dict[str, bytes]:
    secret = source.secret
    unknown = source.path[:-6] + "".join(random.sample(source.path[-6:], 6))
    assert unknown != source.path
    return {
        "first": request(source.path, another(secret[0]) + secret[1:]),
        "last": request(source.path, secret[:-1] + another(secret[-1])),
        "unknown": request(unknown, secret[:-1] + another(secret[-1])),
    }


def refusal_nanoseconds(channel: socket.socket, data: bytes) -> int:
    started = time.perf_counter_ns()
    channel.sendall(data)
    answer = channel.recv(4096)
    ended = time.perf_counter_ns()
    assert answer.startswith(b"HTTP/1.1 401 ") and answer.endswith(b"}"), answer
    return ended - started


def welch_t(left: list[int], right: list[int]) -> float:
    """Welch's t of the faster part of both, cut at one and the same duration.

    Source: Reparaz, Balasch, Verbauwhede: Dude, is my code constant time? (DATE 2017).
    """
    bound = sorted(left + right)[int(len(left + right) * KEPT_SHARE)]
    samples = [[each for each in sample if each <= bound] for sample in (left, right)]
    means = [statistics.fmean(sample) for sample in samples]
    errors = [statistics.variance(sample) / len(sample) for sample in samples]
    return (means[0] - means[1]) / sum(errors) ** 0.5


def test_the_measure_would_notice() -> None:
    sample = [random.gauss(100_000, 5_000) for _ in range(3000)]
    slower = [random.gauss(101_000, 5_000) for _ in range(3000)]
    same = [random.gauss(100_000, 5_000) for _ in range(3000)]
    assert abs(welch_t(sample, slower)) > T_MAX
    assert abs(welch_t(sample, same)) < T_MAX


@pytest.mark.slow
def test_refusals_take_equally_long(source: Source, report: Callable[[str], None]) -> None:
    requests = wrong(source)
    taken: dict[str, list[int]] = {kind: [] for kind in requests}
    with socket.create_connection(source.gateway.address, timeout=15) as channel:
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for kind in list(requests) * 300:
            refusal_nanoseconds(channel, requests[kind])
        order = list(requests)
        for _ in range(REFUSALS):
            # In another order each time, so that none always follows the same one.
            random.shuffle(order)
            for kind in order:
                taken[kind].append(refusal_nanoseconds(channel, requests[kind]))
    by_place = welch_t(taken["first"], taken["last"])
    by_source = welch_t(taken["unknown"], taken["last"])
    report(
        f"{REFUSALS} refusals of each kind, {statistics.median(taken['last']) / 1000:.0f} µs: "
        f"t = {by_place:.2f} for the first against the last character, "
        f"{by_source:.2f} for an unknown source against a wrong secret"
    )
    assert abs(by_place) < T_MAX, by_place
    assert abs(by_source) < T_MAX, by_source
