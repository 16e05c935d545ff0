"""Every rule about odd requests, at every split of their bytes, on the HTTP server alone.

What a server makes of bytes may not depend on how the network cuts them. Rules that need the
gateway's own handlers are tried elsewhere: secrets in test_webhook_refusals.py, JSON in
test_payloads.py, our own transient faults in test_store_trouble.py.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import http_cases as framing
import http_good_cases as good
import http_head_cases as heads
from conftest import measured
from http_cases import Case, get, post
from http_echo import Echo, Play, connect, perform, plays
from raw_socket import RawClient

ROWS: dict[str, list[Case]] = {
    "a transfer coding other than chunked, or in doubt": framing.TRANSFER_CODINGS,
    "chunks": framing.CHUNKS,
    "chunk extensions and trailers over the limit": framing.CHUNK_EXTENSIONS,
    "lengths": framing.LENGTHS,
    "content over the limit": framing.TOO_LONG_CONTENT,
    "methods": heads.METHODS,
    "OPTIONS": good.OPTIONS,
    "CONNECT": good.CONNECT,
    "targets": heads.TARGETS,
    "Host": heads.HOSTS,
    "versions": heads.VERSIONS,
    "line ends": heads.LINE_ENDS,
    "field lines": heads.FIELDS,
    "white space around a value": good.WHITE_SPACE,
    "chunks as they should be": good.CHUNKS_ACCEPTED,
    "half-closed after a whole request": good.HALF_CLOSED_WHOLE,
    "a broken request behind a good one": good.SECOND_BROKEN,
    "several requests at once": good.PIPELINED,
    "sizes of the head": heads.LIMITS,
    "something else than HTTP": heads.NOT_HTTP,
    "two identities": heads.IDENTITIES,
}

# A server that waits for more of a head gives up after 10 s (HTTPLimits.headDurationMax), and one
# that doesn't end its side after the last answer is closed after 2 s (lingerDurationMax).
PROMPT_SECONDS = 1.0


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Echo]:
    server = Echo(tmp_path_factory.mktemp("http-echo"))
    yield server
    measured.append(
        f"odd requests: {server.connections} connections, cut at every place, in "
        f"{server.seconds:.1f} s"
    )
    server.process.assert_running()
    server.close()


@pytest.mark.parametrize("row", ROWS)
def test_a_rule_holds_at_every_split(echo: Echo, row: str) -> None:
    all_plays = plays(ROWS[row])
    perform(echo, all_plays)
    by_case: dict[str, list[Play]] = {}
    for play in all_plays:
        by_case.setdefault(play.case.name, []).append(play)
    assert len(by_case) == len(ROWS[row]), "two cases of a name"
    for same in by_case.values():
        first = [answer.status for answer in same[0].answers]
        for play in same:
            assert [answer.status for answer in play.answers] == first, f"a split matters: {play}"


def test_half_a_message_is_never_handled(echo: Echo) -> None:
    cut_in_two = [
        Play(case, cuts)
        for case in good.HALF_CLOSED_EARLY
        for cuts in {(), (len(case.data) // 2,)}
        if (0,) != cuts
    ]
    assert len(cut_in_two) > 200
    perform(echo, cut_in_two)
    for play in cut_in_two:
        statuses = [answer.status for answer in play.answers]
        assert statuses in ([], [400], [200, 400]), play


def _seconds_to_close(echo: Echo, case: Case) -> float:
    with connect(echo.address) as client:
        echo.handled()
        started = time.monotonic()
        client.send(case.data)
        answer = client.response()
        assert answer is not None and answer.status in case.answers[0], answer
        client.read_until_close()
        return time.monotonic() - started


def test_what_is_not_http_is_answered_and_closed_at_once(
    echo: Echo, report: Callable[[str], None]
) -> None:
    slowest = 0.0
    for case in heads.NOT_HTTP:
        # Another process may hold this one up once, hardly three times.
        seconds = min(_seconds_to_close(echo, case) for _ in range(3))
        assert seconds < PROMPT_SECONDS, f"{seconds:.2f} s until {case.name} was over"
        slowest = max(slowest, seconds)
    report(f"odd requests: {slowest * 1000:.2f} ms until something else than HTTP was over")


@pytest.mark.parametrize("target", ["*", "/", "/x"])
def test_options_tell_what_is_allowed(echo: Echo, target: str) -> None:
    with connect(echo.address) as client:
        client.send(f"OPTIONS {target} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        answer = client.response()
        assert answer is not None and answer.status == 204
        allowed = set(answer.headers["allow"].split(", "))
        assert {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} <= allowed


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "FOO"])
def test_any_method_gets_its_content_back(echo: Echo, method: str) -> None:
    with connect(echo.address) as client:
        client.send(post("Content-Length: 5\r\n", b"hello").replace(b"POST", method.encode(), 1))
        answer = client.response()
        assert answer is not None and (answer.status, answer.body) == (200, b"hello")


def test_who_waits_for_100_is_told_once(echo: Echo) -> None:
    with connect(echo.address) as client:
        client.send(post("Content-Length: 5\r\nExpect: 100-continue\r\n"))
        answer = client.response()
        assert answer is not None and answer.status == 100
        client.send(b"hello")
        answer = client.response()
        assert answer is not None and (answer.status, answer.body) == (200, b"hello")
        client.half_close()
        assert client.read_until_close() == b""


def test_fields_come_through_as_sent(echo: Echo) -> None:
    with connect(echo.address) as client:
        client.send(get("Host: a\r\nX:\tb c \r\nx: \xe9\r\nY:\r\n", "/echo"))
        answer = client.response()
        assert answer is not None and answer.body == "Host: a\nX: b c\nx: \xe9\nY: \n".encode()


def test_bytes_after_a_refusal_go_nowhere(echo: Echo) -> None:
    """The server drops them, and doesn't reset the connection before its answer was read."""
    handled = echo.handled()
    with RawClient(echo.address) as client:
        client.send(get("Host: a\r\nX : b\r\n"))
        for _ in range(100):
            client.send(get() * 100)
        answer = client.response()
        assert answer is not None and answer.status == 400
        assert client.read_until_close() == b""
    assert echo.handled() == handled
