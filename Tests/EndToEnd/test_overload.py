"""More webhooks than the store keeps up with: updates and creations are shed, closes and re-opens
are not until the hard bound, and nothing that was taken is lost."""

import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from events_storm import encoded
from flood import Answer, Flood, webhook_request
from gateway import Gateway, Source
from http_client import request
from payloads import EPOCH, closed, new, new_id, reopened, updated
from slow_disk import SlowDisk
from stub import Stub
from test_slow_clients import enough_descriptors
from waiting import eventually

__all__ = ["enough_descriptors"]

# Limits.arrivalsHighWater and Limits.arrivalsMax.
HIGH_WATER = 4096
HARD_BOUND = 8192
# What is sent beyond each bound.
BEYOND = 200
SECONDS_MAX = 60.0


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SlowDisk]:
    disk = SlowDisk(tmp_path / "disk")
    yield disk
    # Before the gateway is asked to end.
    disk.work_again()


@pytest.fixture
def source(
    start_gateway: Callable[..., Gateway], stub: Stub, disk: SlowDisk
) -> Source:
    gateway = start_gateway(
        GATEWAY_METRICS_OPEN="1", GATEWAY_LOG_LEVEL="info", **disk.settings
    )
    return gateway.create_source(gateway.connect(stub).json()["id"])


def waiting(gateway: Gateway) -> int:
    text = request(gateway.address, "GET", "/metrics").body.decode()
    found = re.search(r"^bigpanda_gateway_webhooks_waiting (\d+)$", text, re.MULTILINE)
    assert found, text
    return int(found.group(1))


class Sender:
    """Sends without waiting for answers, and sorts those that come."""

    def __init__(self, flood: Flood, source: Source) -> None:
        self._flood = flood
        self._source = source
        self.answers: dict[str, list[Answer]] = {}
        self.sent: Counter[str] = Counter()

    def send(self, kind: str, payload: dict) -> None:
        tag = (kind, payload["incident"]["id"])
        self._flood.start(tag, webhook_request(self._source, encoded(payload)))
        self.sent[kind] += 1
        self.receive(0)

    def receive(self, seconds: float) -> None:
        for answer in self._flood.poll(seconds):
            self.answers.setdefault(answer.tag[0], []).append(answer)

    def wait_for(self, kind: str, count: int) -> list[Answer]:
        """The answers to one kind, once there are so many."""
        deadline = time.monotonic() + SECONDS_MAX
        while len(self.answers.get(kind, [])) < count:
            assert time.monotonic() < deadline, f"{kind}: {len(self.answers.get(kind, []))} answers"
            self.receive(0.1)
        return self.answers[kind]

    def taken(self, kind: str) -> set[str]:
        """The incidents whose webhooks of a kind were answered 200."""
        return {answer.tag[1] for answer in self.answers.get(kind, []) if answer.status == 200}


def assert_shed(answers: list[Answer], count: int) -> None:
    assert len(answers) == count, f"{len(answers)} answers instead of {count}"
    for answer in answers:
        assert answer.status == 503, answer
        assert b"\r\nretry-after: " in answer.head.lower(), answer.head
        assert json.loads(answer.body)["code"] == "overloaded", answer.body


def test_closes_get_past_what_is_shed(
    source: Source, disk: SlowDisk, report: Callable[[str], None]
) -> None:
    gateway = source.gateway
    known = [new_id() for _ in range(HIGH_WATER)]
    with Flood(gateway.address, HARD_BOUND + 3 * BEYOND + 1) as flood:
        for answer in flood.exchange(fire(source, known)):
            assert answer.status == 200, answer
        half = known[: len(known) // 2]
        for answer in flood.exchange(close(source, half)):
            assert answer.status == 200, answer

        disk.hang()
        sender = Sender(flood, source)
        sender.send("first", new(new_id(), EPOCH))
        # In the store's hands, and waiting there: what comes now queues up behind it.
        eventually(lambda: is_in_store(gateway, disk), "the first one is being stored")
        started = time.monotonic()
        for index in range(HIGH_WATER):
            make = updated if index % 2 else new
            sender.send("update", make(known[index] if index % 2 else new_id(), EPOCH + 2))
        eventually(lambda: waiting(gateway) == HIGH_WATER, "the queue is at its high water")
        for index in range(BEYOND):
            make = updated if index % 2 else new
            sender.send("shed", make(known[index] if index % 2 else new_id(), EPOCH + 2))
        assert_shed(sender.wait_for("shed", BEYOND), BEYOND)

        # Re-opens of what is closed, closes of what is open: all of them are let in.
        for incident_id in half:
            sender.send("reopen", reopened(incident_id, EPOCH + 3))
        for incident_id in known[len(half) :]:
            sender.send("close", closed(incident_id, EPOCH + 3))
        eventually(lambda: waiting(gateway) == HARD_BOUND, "the queue is at its hard bound")
        for index in range(BEYOND):
            sender.send("too many", closed(known[-1 - index], EPOCH + 4))
        assert_shed(sender.wait_for("too many", BEYOND), BEYOND)
        probes = [healthz_seconds(gateway) for _ in range(20)]
        most = gateway.process.most_resident_kib()
        assert set(sender.answers) == {"shed", "too many"}, "answered before it was durable"

        disk.work_again()
        for kind in ("first", "update", "reopen", "close"):
            answers = sender.wait_for(kind, sender.sent[kind])
            assert {answer.status for answer in answers} == {200}, kind
        seconds = time.monotonic() - started
    assert waiting(gateway) == 0
    source.deliver(new(new_id(), EPOCH))
    assert_applied(gateway, sender)
    report(
        f"{HARD_BOUND} webhooks waiting for a disk that hangs: {most / 1024:.0f} MiB resident at "
        f"most, a probe takes {max(probes) * 1000:.1f} ms at most, all answered after "
        f"{seconds:.1f} s"
    )


def fire(source: Source, incidents: list[str]) -> Iterator[tuple[str, bytes]]:
    return ((each, webhook_request(source, encoded(new(each, EPOCH)))) for each in incidents)


def close(source: Source, incidents: list[str]) -> Iterator[tuple[str, bytes]]:
    payloads = ((each, closed(each, EPOCH + 1)) for each in incidents)
    return ((each, webhook_request(source, encoded(body))) for each, body in payloads)


def is_in_store(gateway: Gateway, disk: SlowDisk) -> bool:
    """Nothing waits, and the writer's thread hangs where the disk should answer."""
    return waiting(gateway) == 0 and disk.is_waited_for


def healthz_seconds(gateway: Gateway) -> float:
    started = time.monotonic()
    assert request(gateway.address, "GET", "/healthz").status == 200
    return time.monotonic() - started


def assert_applied(gateway: Gateway, sender: Sender) -> None:
    """What was taken is there, as the last of it left it; what was shed left no trace."""
    status: dict[str, str] = {}
    cursor: str | None = ""
    while cursor is not None:
        page = gateway.get("/v1/alerts?limit=500" + (f"&cursor={cursor}" if cursor else ""))
        status |= {item["incident_id"]: item["status"] for item in page["items"]}
        cursor = page["next_cursor"]
    assert not sender.taken("update") - status.keys(), "acknowledged and gone"
    assert all(status[each] == "firing" for each in sender.taken("reopen")), "a re-open is lost"
    assert all(status[each] == "resolved" for each in sender.taken("close")), "a close is lost"
    created_only_if_shed = {answer.tag[1] for answer in sender.answers["shed"]}
    known = sender.taken("reopen") | sender.taken("close")
    assert not (created_only_if_shed - known) & status.keys(), "shed and yet created"
