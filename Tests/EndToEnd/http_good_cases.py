"""Requests that are answered: odd but right ones, several at once, and half-closed connections."""

from http_cases import OK, REFUSED, SMUGGLED, Case, chunked, get, post


def _accepted(name: str, data: bytes, body: bytes = b"") -> Case:
    return Case(name, data, (OK,), False, body)


OPTIONS = [
    Case(target, get(target=target).replace(b"GET", b"OPTIONS"), (frozenset({204}),), False)
    for target in ("*", "/", "/x")
]

CONNECT = [
    Case("CONNECT", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", (frozenset({405, 501}),)),
]

WHITE_SPACE = [
    *[
        _accepted(f"length {value!r}", post(f"Content-Length:{value}\r\n", b"hello"), b"hello")
        for value in ("5", " 5", "\t5", " 5 ", " 5\t", "\t \t5\t \t")
    ],
    *[
        _accepted(
            f"coding {value!r}",
            post(f"Transfer-Encoding:{value}\r\n", b"5\r\nhello\r\n0\r\n\r\n"),
            b"hello",
        )
        for value in ("chunked", " CHUNKED", "\tChunked\t", " \t chunked \t ")
    ],
    *[
        _accepted(f"{field!r}", get(f"{field}\r\n"))
        for field in ("Host:a", "Host:\ta", "Host: a ", "Host: \t a \t", "Host: a\r\nX:", "hOST: a")
    ],
    Case("Connection:\\tclose", get("Host: a\r\nConnection:\tclose\t\r\n"), (OK,)),
]

CHUNKS_ACCEPTED = [
    _accepted(f"chunks {content!r}", chunked(content), body)
    for content, body in (
        (b"0\r\n\r\n", b""),
        (b"1\r\na\r\n2\r\nbc\r\n0\r\n\r\n", b"abc"),
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"a\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"00005\r\nhello\r\n000\r\n\r\n", b"hello"),
        (b'5;a="b"\r\nhello\r\n0;x;y=z\r\n\r\n', b"hello"),
        (b"5\r\nhello\r\n0\r\nX: y\r\nDigest:\tz \r\n\r\n", b"hello"),
        (b"2\r\n\r\n\r\n0\r\n\r\n", b"\r\n"),
    )
]

_HELLO = post("Content-Length: 5\r\n", b"hello")
_CHUNKED_A = chunked(b"1\r\na\r\n0\r\n\r\n")

# The answer to a whole request comes, whatever follows it.
SECOND_BROKEN = [
    Case(f"{body!r}, then {rest!r}", first + rest, (OK, REFUSED), True, body)
    for first, body in [(get(), b""), (_HELLO, b"hello"), (_CHUNKED_A, b"a")]
    for rest in (b"zebra\r\n\r\n", get("Host: a\r\nX : b\r\n"), chunked(b"+5\r\nhello\r\n"), b"\0")
]

PIPELINED = [
    Case("two", _HELLO + get(), (OK, OK), False, b"hello"),
    Case("three", _HELLO + _CHUNKED_A + get(), (OK,) * 3, False, b"hello"),
    Case("an empty line between", _HELLO + b"\r\n" + get(), (OK, OK), False, b"hello"),
]

HALF_CLOSED_WHOLE = [
    Case("no content", get(), (OK,), True, b"", half_closes=True),
    Case("with length", _HELLO, (OK,), True, b"hello", half_closes=True),
    Case("chunked", chunked(b"5\r\nhello\r\n0\r\n\r\n"), (OK,), True, b"hello", half_closes=True),
    Case("two", _HELLO + get(), (OK, OK), True, b"hello", half_closes=True),
]

# Every message that lacks a byte or more at its end.
HALF_CLOSED_EARLY = [
    Case(f"{data[:end]!r}", data[:end], half_closes=True, may_be_silent=True)
    for data in (_HELLO, chunked(b"5\r\nhello\r\n0\r\nX: a\r\n\r\n"))
    for end in range(1, len(data))
] + [
    Case(f"whole, then {rest!r}", get() + rest, (OK, REFUSED), half_closes=True)
    for rest in (SMUGGLED[:-1], _HELLO[:-1], b"G")
]
