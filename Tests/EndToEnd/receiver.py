"""A receiver of the gateway's own webhooks, which answers as it is told."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from waiting import eventually


@dataclass(frozen=True)
class Received:
    """A webhook as it came."""

    path: str
    fields: dict[str, str]
    body: bytes
    status: int

    @property
    def id(self) -> str:
        return self.fields["webhook-id"]

    @property
    def content(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def type(self) -> str:
        return self.content["type"]

    @property
    def alert_id(self) -> str:
        return self.content["data"]["alert"]["id"]

    @property
    def signatures(self) -> list[str]:
        return self.fields["webhook-signature"].split(" ")

    def signature(self, secret: str) -> str:
        """What Standard Webhooks says that the signature is."""
        assert secret.startswith("whsec_"), secret
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        signed = b".".join((self.id.encode(), self.fields["webhook-timestamp"].encode(), self.body))
        return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


# Answers nothing, and keeps the connection until the end.
HANG = 0


class Receiver:
    """Answers 204, or what it is told to."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        # What the next webhooks are answered, then `status`.
        self.next_statuses: list[int] = []
        self.status = 204
        self.fields: dict[str, str] = {}
        self.body = b""
        self._lock = threading.Lock()
        self._ended = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hooks?from=gateway"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self._lock:
            status = self.next_statuses.pop(0) if self.next_statuses else self.status
            fields = {name.lower(): value for name, value in handler.headers.items()}
            self.received.append(Received(handler.path, fields, body, status))
        if status == HANG:
            self._ended.wait()
            handler.close_connection = True
            return
        handler.send_response(status)
        for name, value in self.fields.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        handler.wfile.write(self.body)

    @property
    def taken(self) -> list[Received]:
        return [webhook for webhook in self.received if 200 <= webhook.status < 300]

    def wait_for(self, count: int, seconds: float = 15.0) -> list[Received]:
        """The webhooks that came, once there are so many."""
        eventually(lambda: len(self.received) >= count, f"{count} webhooks came", seconds)
        return self.received

    def close(self) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()
