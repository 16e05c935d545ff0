"""Heads that are refused, and the limits of those that aren't; http_cases.py says more."""

from http_cases import OK, Case, get, refused

METHODS = refused(
    ("33 letters", b"A" * 33 + b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("9,000 letters", b"A" * 9_000 + b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a bracket", b"G(T / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("none", b" / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("a space in front", b" " + get()),
    ("a tab behind", b"GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n"),
)

TARGETS = refused(
    *[
        (f"target {target!r}", get(target=target))
        for target in (
            "*",
            "/a#b",
            "#",
            "a",
            "",
            "/\u00e9",
            "/\x7f",
            "/\0",
            "/\x01",
            "/\ta",
            "/ a",
            "ftp://a/",
            "http:/a",
            "http://u@a/",
            "http:///a",
        )
    ],
    ("raw byte", b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("CONNECT without port", b"CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("OPTIONS *a", b"OPTIONS *a HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces in front", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("two spaces behind", b"GET /  HTTP/1.1\r\nHost: a\r\n\r\n"),
)

HOSTS = refused(
    *[
        (f"fields {fields!r}", get(fields))
        for fields in (
            "",
            "Host:\r\n",
            "Host: \r\n",
            "Host: a\r\nHost: b\r\n",
            "Host: a\r\nhost: a\r\n",
            "Host: a,b\r\n",
            "Host: a, b\r\n",
            "Host: u@a\r\n",
            "Host: a/b\r\n",
            "Host: a b\r\n",
            "Host: a:b\r\n",
            "Host: a:99999\r\n",
            "Host: a:-1\r\n",
            "Host: a:1:2\r\n",
            "Host: [::1\r\n",
            "Host: [g::1]\r\n",
            "Host: http://a\r\n",
            "Host: a?b\r\n",
            "Host: \u00e9\r\n",
        )
    ],
)

_VERSION = frozenset({400, 505})

VERSIONS = [
    *[
        Case(f"HTTP/1.{minor}", get(version=f"HTTP/1.{minor}"), (frozenset({200, 505}),), False)
        for minor in range(2, 10)
    ],
    *[
        Case(version, get(version=version), (_VERSION,))
        for version in (
            "HTTP/1.11",
            "HTTP/2.0",
            "HTTP/3",
            "HTTP/1",
            "HTTP/1.",
            "HTTP/.1",
            "HTTP/01.1",
            "HTTP/1,1",
            "http/1.1",
            "ICY/1.1",
            "HTTP/1.1 ",
        )
    ],
]

LINE_ENDS = refused(
    ("LF behind the request line", b"GET / HTTP/1.1\nHost: a\r\n\r\n"),
    ("LF everywhere", b"GET / HTTP/1.1\nHost: a\n\n"),
    ("CR behind the request line", b"GET / HTTP/1.1\rHost: a\r\n\r\n"),
    ("LF behind a field", get("Host: a\nX: b\r\n")),
    ("LF in a value", get("Host: a\r\nX: b\nc\r\n")),
    ("CR in a value", get("Host: a\r\nX: b\rc\r\n")),
    ("CR in a name", get("Host: a\r\nX\r: b\r\n")),
    ("CR CR LF", get("Host: a\r\nX: b\r\r\n")),
    ("LF at the end", b"GET / HTTP/1.1\r\nHost: a\r\n\n"),
    ("CR CR at the end", b"GET / HTTP/1.1\r\nHost: a\r\n\r\r"),
    ("LF in front", b"\n" + get()),
    ("CR in front", b"\r" + get()),
    ("two empty lines in front", b"\r\n\r\n" + get()),
)

FIELDS = refused(
    *[
        (f"field {field!r}", get(f"Host: a\r\n{field}\r\n"))
        for field in (
            "X: a\r\n b",
            "X: a\r\n\tb",
            "X: a\r\n ",
            "X : a",
            "X\t: a",
            "X",
            ": a",
            "X Y: a",
            "X(: a",
            "X\u00e9: a",
            "X\0: a",
            "X: a\0b",
            "X: a\x01b",
            "X: a\x7fb",
            "X: \x0b",
        )
    ],
    ("a space in front of the first", get(" Host: a\r\n")),
    ("a tab in front of the first", get("\tHost: a\r\n")),
)

NOT_HTTP = [
    Case("HTTP/0.9", b"GET /\r\n", (_VERSION,)),
    Case("HTTP/0.9 with LF", b"GET /\n", (_VERSION,)),
    Case("an HTTP/2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (_VERSION,)),
    Case("a TLS hello", bytes.fromhex("16030100c8010000c40303") + bytes(range(190))),
    Case("an old TLS hello", bytes.fromhex("802e0100020015000000100100800200")),
    Case("SSH", b"SSH-2.0-OpenSSH_9.2\r\n"),
    Case("a PROXY line", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + get()),
    Case("a PROXY header", b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c" + bytes(12) + get()),
    Case("zeros", bytes(64)),
    Case("every byte", bytes(range(256))),
    Case("every byte, the highest first", bytes(reversed(range(256)))),
    Case("JSON", b'{"incident":{"id":"1"}}\r\n'),
]

IDENTITIES = [
    Case(name, get(f"Host: a\r\nAuthorization: Bearer a\r\n{second}: Bearer {token}\r\n"), (both,))
    for both in [frozenset({400, 401})]
    for name, second, token in [
        ("twice the same", "Authorization", "a"),
        ("two", "Authorization", "b"),
        ("two in other letters", "authorization", "b"),
    ]
]

LIMITS = [
    Case("a request line of 8,000 bytes", get(target="/" + "a" * 7_986), (OK,), False, b""),
    *refused(
        ("a request line of 8,001 bytes", get(target="/" + "a" * 7_987)),
        ("an endless request line", b"GET /" + b"a" * 70_000),
        status=414,
    ),
    Case("100 fields", get("Host: a\r\n" + "X: a\r\n" * 99), (OK,), False, b""),
    *refused(
        ("101 fields", get("Host: a\r\n" + "X: a\r\n" * 100)),
        ("a head of more than 64 KiB", get("Host: a\r\nX: " + "a" * 66_000 + "\r\n")),
        ("an endless head", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 66_000),
        status=431,
    ),
    Case("a head of 64 KiB", get("Host: a\r\nX: " + "a" * 65_502 + "\r\n"), (OK,), False, b""),
]
