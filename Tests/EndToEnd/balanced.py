"""Senders behind a balancer, who try on as BigPanda would, and what they were told."""

import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field

from gateway import Source
from http_client import Address
from payloads import EPOCH, new, new_id
from storm import KeepAlive


@dataclass
class Told:
    # Incidents whose webhook was acknowledged, and when.
    acknowledged: dict[str, float] = field(default_factory=dict)
    # Answers that promise nothing: status and body.
    refused: list[tuple[int, bytes]] = field(default_factory=list)
    # Requests that got no whole answer.
    broken: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.acknowledged) + len(self.refused) + len(self.broken)


class Senders:
    """Threads that send one new incident after the other, on connections that they keep."""

    def __init__(
        self,
        address: Address,
        source: Source,
        count: int = 4,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._tls = tls
        self.told = Told()
        self._address = address
        self._source = source
        self._is_stopped = threading.Event()
        self._threads = [threading.Thread(target=self._run, daemon=True) for _ in range(count)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> Told:
        self._is_stopped.set()
        for thread in self._threads:
            thread.join(timeout=60)
            assert not thread.is_alive(), "a sender hangs"
        return self.told

    def acknowledged_since(self, instant: float) -> int:
        return sum(at > instant for at in list(self.told.acknowledged.values()))

    def _run(self) -> None:
        client: KeepAlive | None = None
        while not self._is_stopped.is_set():
            incident_id = new_id()
            body = json.dumps(new(incident_id, EPOCH)).encode()
            try:
                client = client or KeepAlive(self._address, seconds=30, tls=self._tls)
                status, answer = client.post(self._source.path, self._source.secret, body)
            except (OSError, socket.timeout) as error:
                self.told.broken.append(repr(error))
                client = None
                continue
            if status == 200 and json.loads(answer)["alert_id"]:
                self.told.acknowledged[incident_id] = time.monotonic()
            else:
                self.told.refused.append((status, answer))
                # Its sender tries again later; here, so that refusals don't come by thousands.
                self._is_stopped.wait(0.01)
