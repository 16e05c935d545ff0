"""Webhooks without end: the life of a bounded set of incidents, and new ones now and then."""

import itertools
import json
import random
from collections.abc import Iterator

from flood import webhook_request
from gateway import Source
from payloads import EPOCH, closed, new, new_id, reopened, updated

INCIDENTS = 2000
KINDS = {"updated": 70, "closed": 12, "reopened": 12, "new": 6}


class StormOfEvents:
    """Updates, closes and re-opens of a bounded set of incidents, and a new one now and then."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._ids = [new_id() for _ in range(INCIDENTS)]
        self._time = itertools.count(EPOCH)
        self._kinds = {"updated": updated, "closed": closed, "reopened": reopened}

    def __iter__(self) -> Iterator[tuple[str, bytes]]:
        while True:
            kind = random.choices(list(KINDS), list(KINDS.values()))[0]
            yield kind, self._request(kind)

    def first(self) -> Iterator[tuple[str, bytes]]:
        for incident_id in self._ids:
            yield "new", webhook_request(self._source, encoded(new(incident_id, EPOCH)))

    def _request(self, kind: str) -> bytes:
        if kind == "new":
            return webhook_request(self._source, encoded(new(new_id(), EPOCH)))
        payload = self._kinds[kind](random.choice(self._ids), next(self._time))
        return webhook_request(self._source, encoded(payload))


def encoded(payload: dict) -> bytes:
    return json.dumps(payload).encode()
