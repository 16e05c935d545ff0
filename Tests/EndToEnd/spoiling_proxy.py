"""A proxy that makes one path's good answers wrong, as a fault in its handler would."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from http_client import Address, Response, connection, read_response

# What is done to an answer, and what schemathesis calls it.
SPOILS = {
    "status": "Server error",
    "member": "Response violates schema",
    "type": "Undocumented Content-Type",
    "undocumented": "Undocumented status code",
}


def spoiled(answer: Response, spoil: str) -> tuple[int, str, bytes]:
    status, kind, body = answer.status, answer.header("Content-Type") or "", answer.body
    if spoil == "status":
        return 500, kind, body
    if spoil == "undocumented":
        return 203, kind, body
    if spoil == "type":
        return status, "text/html", body
    document = json.loads(body)
    del document["next_cursor"]
    return status, kind, json.dumps(document).encode()


class SpoilingProxy:
    def __init__(self, behind: Address, spoil: str, path: str) -> None:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.forward
                raise AttributeError(name)

            def forward(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                channel = connection(behind)
                try:
                    channel.request(
                        self.command, self.path, self.rfile.read(length), dict(self.headers)
                    )
                    answer = read_response(channel)
                finally:
                    channel.close()
                self.answer(answer)

            def answer(self, answer: Response) -> None:
                status, body = answer.status, answer.body
                kind = answer.header("Content-Type") or "text/plain"
                if status == 200 and self.path.split("?")[0] == path:
                    status, kind, body = spoiled(answer, spoil)
                self.send_response(status)
                for name in ("Allow", "Location", "WWW-Authenticate"):
                    if value := answer.header(name):
                        self.send_header(name, value)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "SpoilingProxy":
        self._thread.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
