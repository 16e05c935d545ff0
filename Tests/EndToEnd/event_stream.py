"""A reader of the gateway's live stream, as a browser reads it."""

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gateway import Gateway
from http_client import connection
from waiting import eventually

# Longer than the time between two signs of life.
SILENCE_SECONDS_MAX = 25.0


@dataclass(frozen=True)
class Event:
    id: int
    kind: str
    data: Any


class EventStream:
    """Reads in a thread until it is closed or the gateway ends the stream."""

    def __init__(self, gateway: Gateway, query: str = "", **headers: str) -> None:
        self.events: list[Event] = []
        self.comments: list[str] = []
        self.last_id: str | None = None
        self.ended = threading.Event()
        self._channel = connection(("127.0.0.1", gateway.admin_port), SILENCE_SECONDS_MAX)
        fields = {"Authorization": f"Bearer {gateway.token}"} | headers
        self._channel.request("GET", f"/v1/stream{query}", headers=fields)
        self._socket = self._channel.sock
        self.answer = self._channel.getresponse()
        if self.answer.status == 200:
            threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> "EventStream":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        try:
            self._socket.shutdown(2)
        except OSError:
            pass
        self._channel.close()

    def wait_for(self, probe: Callable[[Event], bool], what: str, seconds: float = 15.0) -> Event:
        """The first event that `probe` takes."""
        return eventually(lambda: next(filter(probe, list(self.events)), None), what, seconds)

    def of(self, kind: str) -> list[Any]:
        return [event.data for event in list(self.events) if event.kind == kind]

    def wait_until_told(self) -> str:
        """Waits until the gateway has said where this reader stands."""
        return eventually(lambda: self.last_id, "an id")

    def _read(self) -> None:
        fields: dict[str, str] = {}
        try:
            for raw in self.answer:
                line = raw.decode().rstrip("\n")
                if line.startswith(":"):
                    self.comments.append(line[1:].strip())
                elif line:
                    name, _, value = line.partition(": ")
                    assert name in ("id", "event", "data", "retry"), line
                    fields[name] = value
                else:
                    self._dispatch(fields)
                    fields = {}
        except (OSError, http.client.HTTPException, ValueError, AttributeError):
            pass
        self.ended.set()

    def _dispatch(self, fields: dict[str, str]) -> None:
        if "data" in fields:
            event = Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            self.events.append(event)
        self.last_id = fields.get("id", self.last_id)
