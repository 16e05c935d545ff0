"""A small HTTP client over TCP and Unix sockets, on the standard library alone."""

import http.client
import json as json_codec
import re
import socket
from dataclasses import dataclass
from typing import Any

TIMEOUT_SECONDS = 15.0

# Where a listener is: (host, port), or the path of a Unix socket.
Address = tuple[str, int] | str


@dataclass(frozen=True)
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first field of that name, whatever its case."""
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return None

    def json(self) -> Any:
        return json_codec.loads(self.body)

    @property
    def media_type(self) -> str:
        return (self.header("Content-Type") or "").split(";")[0].strip().lower()

    def __repr__(self) -> str:
        return f"<{self.status} {self.body[:300]!r}>"


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def connection(address: Address, timeout: float = TIMEOUT_SECONDS) -> http.client.HTTPConnection:
    if isinstance(address, str):
        return UnixConnection(address, timeout)
    return http.client.HTTPConnection(*address, timeout=timeout)


def request(
    address: Address,
    method: str,
    path: str,
    *,
    json: Any = None,
    body: bytes | None = None,
    token: str | None = None,
    headers: dict[str, str] | None = None,
    timeout: float = TIMEOUT_SECONDS,
) -> Response:
    """One request on a connection of its own. `json` is encoded, `body` sent as it is."""
    fields = dict(headers or {})
    names = {name.lower() for name in fields}
    if json is not None:
        body = json_codec.dumps(json).encode()
    if body is not None and "content-type" not in names:
        fields["Content-Type"] = "application/json"
    if token is not None and "authorization" not in names:
        fields["Authorization"] = f"Bearer {token}"
    channel = connection(address, timeout)
    try:
        channel.request(method, path, body=body, headers=fields)
        return read_response(channel)
    finally:
        channel.close()


def read_response(channel: http.client.HTTPConnection) -> Response:
    answer = channel.getresponse()
    return Response(answer.status, answer.getheaders(), answer.read())


def assert_problem(response: Response, status: int | set[int], code: str | None = None) -> dict:
    """The answer is an error as RFC 9457 shapes it, with the gateway's stable `code`."""
    allowed = {status} if isinstance(status, int) else status
    assert response.status in allowed, response
    assert response.media_type == "application/problem+json", response.headers
    problem = response.json()
    assert problem["status"] == response.status, problem
    assert isinstance(problem["title"], str) and problem["title"], problem
    assert re.fullmatch(r"[a-z][a-z0-9_]*", problem["code"]), problem
    if code is not None:
        assert problem["code"] == code, problem
    return problem
