"""Requests that are not quite ones, and what answers each: those whose length is in doubt.

RFC 9110 and 9112, read the strict way where they leave a choice: what two readers could take for
two different requests is how requests are smuggled past a proxy. Odd heads stand in
http_head_cases.py, what is accepted in http_good_cases.py. The scanner's own table, with the reason
of each refusal, is Tests/HTTPServerTests/OddRequests.swift; a rule that changes there changes here.
"""

from dataclasses import dataclass

# Behind a message whose end is in doubt: whoever answers this was led astray.
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

OK = frozenset({200})
REFUSED = frozenset({400})


@dataclass(frozen=True)
class Case:
    """Bytes for one connection, and the answers that may come back."""

    name: str
    data: bytes
    # For each answer the statuses that it may have.
    answers: tuple[frozenset[int], ...] = (REFUSED,)
    # Whether the server ends the connection after the last answer.
    closes: bool = True
    # The content of the first answer, where it matters.
    body: bytes | None = None
    # Whether the client ends its side behind the last byte.
    half_closes: bool = False
    # Closing without a word is right, too.
    may_be_silent: bool = False


def get(fields: str = "Host: a\r\n", target: str = "/", version: str = "HTTP/1.1") -> bytes:
    return f"GET {target} {version}\r\n{fields}\r\n".encode()


def post(fields: str, content: bytes = b"", version: str = "HTTP/1.1") -> bytes:
    return f"POST / {version}\r\nHost: a\r\n{fields}\r\n".encode() + content


def chunked(content: bytes) -> bytes:
    return post("Transfer-Encoding: chunked\r\n", content)


def refused(*rows: tuple[str, bytes], status: int = 400) -> list[Case]:
    return [Case(name, data, (frozenset({status}),)) for name, data in rows]


def _coded(value: str) -> bytes:
    return post(f"Transfer-Encoding:{value}\r\n", b"0\r\n\r\n" + SMUGGLED)


TRANSFER_CODINGS = refused(
    *[
        (f"coding {value!r}", _coded(value))
        for value in (
            " gzip",
            " gzip, chunked",
            " chunked, chunked",
            " chunked, identity",
            " identity",
            " xchunked",
            " chunkedx",
            " chunke",
            ' "chunked"',
            " chunked;a=b",
            " ,chunked",
            " chunked,",
            " chunked\x0b",
            " \x0cchunked",
            "",
            " ",
        )
    ],
    ("two codings", _coded(" chunked\r\nTransfer-Encoding: chunked")),
    ("coding, then length", _coded(" chunked\r\nContent-Length: 5")),
    ("length, then coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", SMUGGLED)),
    ("0, then coding", post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", SMUGGLED)),
    ("coding in 1.0", post("Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", "HTTP/1.0")),
    ("space before its colon", post("Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + SMUGGLED)),
    ("folded coding", _coded("\r\n chunked")),
)

CHUNKS = refused(
    *[
        (f"chunk {start!r}", chunked(start + b"hello\r\n0\r\n\r\n" + SMUGGLED))
        for start in (
            b"+5\r\n",
            b"-5\r\n",
            b"0x5\r\n",
            b"5h\r\n",
            b"5_0\r\n",
            b"5.0\r\n",
            b" 5\r\n",
            b"\t5\r\n",
            b"5 \r\n",
            b"5\t\r\n",
            b"5 ;a\r\n",
            b"\r\n",
            b"\n",
            b";a\r\n",
            b"5\n",
            b"5\r",
            b"5\r\r\n",
            b"5;a\nb\r\n",
            b"5;a\rb\r\n",
            b"5;a\0\r\n",
            b"5;a\x7f\r\n",
            b"5;a\xc3\xa9\r\n",
            b"4\r\n",
            b"6\r\n",
            b"fffffffffffffff5\r\n",
            b"10000000000000005\r\n",
            b"\xd9\xa5\r\n",
        )
    ],
    ("LF behind the data", chunked(b"5\r\nhello\n0\r\n\r\n" + SMUGGLED)),
    ("nothing behind the data", chunked(b"5\r\nhello0\r\n\r\n" + SMUGGLED)),
    ("a second broken chunk", chunked(b"5\r\nhello\r\nX\r\n\r\n" + SMUGGLED)),
    ("LF behind the last chunk", chunked(b"0\n\n" + SMUGGLED)),
    ("folded trailer", chunked(b"0\r\nX: a\r\n b\r\n\r\n" + SMUGGLED)),
    ("trailer without colon", chunked(b"0\r\nX\r\n\r\n" + SMUGGLED)),
    ("NUL in a trailer", chunked(b"0\r\nX: \0\r\n\r\n" + SMUGGLED)),
    ("LF behind a trailer", chunked(b"0\r\nX: a\n\r\n" + SMUGGLED)),
)

_LARGE = frozenset({400, 431})
CHUNK_EXTENSIONS = [
    Case("a long extension", chunked(b"5;" + b"a" * 65_536 + b"\r\nhello\r\n0\r\n\r\n"), (_LARGE,)),
    Case("many extensions", chunked(b"1;aaaaaaaaa\r\nx\r\n" * 600 + b"0\r\n\r\n"), (_LARGE,)),
    Case("a long trailer", chunked(b"0\r\nX: " + b"a" * 65_536 + b"\r\n\r\n"), (_LARGE,)),
    Case("many trailers", chunked(b"0\r\n" + b"X: a\r\n" * 101 + b"\r\n"), (_LARGE,)),
]

LENGTHS = refused(
    *[
        (f"length {value!r}", post(f"Content-Length:{value}\r\n", b"hello" + SMUGGLED))
        for value in (
            " +5",
            " -5",
            " -0",
            " 0x5",
            " 5,5",
            " 5, 5",
            " 5 5",
            " 5.0",
            " 5e0",
            " 5_0",
            " 5;",
            " \u0665",
            "",
            " ",
            " 99999999999999999999",
            " 18446744073709551621",
        )
    ],
    ("two lengths", post("Content-Length: 5\r\nContent-Length: 5\r\n", b"hello" + SMUGGLED)),
    ("unequal lengths", post("Content-Length: 5\r\nContent-Length: 6\r\n", b"hello" + SMUGGLED)),
    ("space before its colon", post("Content-Length : 5\r\n", b"hello" + SMUGGLED)),
    ("tab before its colon", post("Content-Length\t: 5\r\n", b"hello" + SMUGGLED)),
    ("folded length", post("Content-Length:\r\n 5\r\n", b"hello" + SMUGGLED)),
)

# At once, so nothing of the content is here, and nobody is told to go on.
TOO_LONG_CONTENT = refused(
    ("a byte too many", post("Content-Length: 1048577\r\n")),
    ("the longest length", post("Content-Length: 9223372036854775807\r\n")),
    ("who waits for 100", post("Content-Length: 1048577\r\nExpect: 100-continue\r\n")),
    ("chunks that add up", chunked(b"100001\r\n" + b"a" * 1_048_577 + b"\r\n0\r\n\r\n")),
    status=413,
)
