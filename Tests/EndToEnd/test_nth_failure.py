"""Whatever the store asks of its disk fails once, the first time, the second, and so on for each:
every answer is a success or a clean 503, and trying again brings everything to its end."""

import contextlib
import errno
import itertools
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import disk
from disk import Disk
from gateway import Gateway, Source
from http_client import Response, assert_problem
from payloads import EPOCH, closed, new, new_id
from stub import Stub
from waiting import eventually

# `make soak` sets it to 1: then each write meets a full disk, not only one in so many.
NO_ROOM_STEP = int(os.environ.get("GATEWAY_NTH_STEP", "3"))
# Connections to the stub that curl keeps for later, and a client's that is just being closed.
DESCRIPTORS_SPARE = 8


def retried(ask: Callable[[], Response], status: int) -> Any:
    """Asks until the answer is the one to get; any other must be a clean 503."""

    def got() -> Response | None:
        answer = ask()
        if answer.status == status:
            return answer
        try:
            assert_problem(answer, 503, "store_unavailable")
            assert answer.header("Retry-After")
        except AssertionError as error:
            # Asking again would hide it.
            raise RuntimeError(f"neither success nor a clean 503: {answer}") from error
        return None

    return eventually(got, f"{status}", 20).json()


@dataclass
class Scenario:
    """One incident's way through everything that the gateway stores."""

    gateway: Gateway
    stub: Stub
    # The number of the call that fails in it.
    number: int
    # Whether something may have been stored although its answer was 503.
    repeats: bool = False
    source: Source | None = None
    incident_id: str = ""
    alert_id: str = ""

    def api(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        return retried(lambda: self.gateway.api(method, path, body), status)

    def run(self) -> None:
        key, name = self.stub.key, f"integration {self.number}"
        fields = {"name": name, "api_key": key, "base_url": self.stub.base_url}
        integration = self.api("POST", "/v1/integrations", fields, 201)
        fields = {"name": f"source {self.number}", "integration_id": integration["id"]}
        body = self.api("POST", "/v1/sources", fields, 201)
        self.source = Source(self.gateway, body["id"], body["secret"], body["callback_url"])
        self.incident_id = self.stub.create(share=False)
        answer = self.send(new(self.incident_id, EPOCH))
        first = ("created", "duplicate") if self.repeats else ("created",)
        assert answer["outcome"] in first, answer
        self.alert_id = answer["alert_id"]
        alert = self.api("POST", f"/v1/alerts/{self.alert_id}/resolve", {"comment": "done"})
        assert alert["status"] == "resolved", alert
        # Refused ones are kept too, as far as the store allows.
        path = f"/v1/deliveries?source_id={self.source.id}&outcome=created"
        (delivery,) = self.api("GET", path)["items"]
        path = f"/v1/deliveries/{delivery['id']}/replay"
        assert self.api("POST", path, {"dry_run": True})["outcome"] in ("updated", "duplicate")
        assert self.api("POST", path)["outcome"] in ("updated", "duplicate")

    def send(self, payload: Any) -> Any:
        source = self.source
        assert source is not None
        return retried(lambda: source.post(payload), 200)

    def is_closed(self) -> bool:
        """As the gateway knows it: what it has not stored of its call, it has to find out."""
        alert = self.api("GET", f"/v1/alerts/{self.alert_id}")
        is_known = alert["close"]["state"] in ("sent", "confirmed")
        return is_known and not self.stub.is_active(self.incident_id)

    def confirm(self) -> None:
        """BigPanda tells of the close, which may have been read back before."""
        assert self.send(closed(self.incident_id, EPOCH + 1))["status"] == "resolved"

    def check(self) -> None:
        """That the state is right, now that all is over."""
        alert = self.api("GET", f"/v1/alerts/{self.alert_id}")
        assert alert["close"]["state"] == "confirmed", (self.number, alert)
        assert (alert["status"], alert["resolved_by"]["kind"]) == ("resolved", "user"), alert
        outcomes = [entry["outcome"] for entry in alert["timeline"]]
        assert outcomes.count("created") == 1, outcomes
        assert outcomes.count("resolved") == 1, outcomes
        path = f"/v1/deliveries?source_id={self.source.id}" if self.source else ""
        kept = [item["outcome"] for item in self.api("GET", path)["items"]]
        # The webhook, its replay, and the one that told of the close.
        taken = len([outcome for outcome in kept if outcome != "refused"])
        assert taken == 3 or (taken > 3 and self.repeats), kept
        calls = [call["method"] for call in self.stub.calls(self.incident_id)]
        assert "POST" in calls, calls
        for first, second in itertools.pairwise(calls):
            assert (first, second) != ("POST", "POST"), f"closed again without a look: {calls}"


class Stage:
    """A gateway that plays scenario after scenario, in each of which one call fails."""

    def __init__(self, gateway: Gateway, stub: Stub, layer: Disk) -> None:
        self.gateway, self.stub, self.disk = gateway, stub, layer
        # Its own limits would only slow this down.
        stub.settings(rate_per_second=0, apply_delay_ms=0)
        self._unfinished: list[Scenario] = []
        self._done: list[Scenario] = []
        self.failed: dict[str, int] = {}
        self._descriptors = self.count_descriptors()

    def calls_of_one(self, calls: tuple[str, ...]) -> int:
        """How many such calls a scenario makes in which nothing fails."""
        self.play(0)
        before = self.disk.count(*calls)
        self.play(0)
        self.finish()
        return self.disk.count(*calls) - before

    def play(self, number: int) -> Scenario:
        scenario = Scenario(self.gateway, self.stub, number)
        scenario.run()
        try:
            eventually(scenario.is_closed, "closed", 0.3)
        except AssertionError:
            # What could not be stored of the close is looked into 5 s later.
            self._unfinished.append(scenario)
            return scenario
        scenario.confirm()
        self._done.append(scenario)
        return scenario

    def play_all(self, calls: tuple[str, ...], error: int, step: int) -> int:
        """Lets one call after the other fail, until a scenario makes no such call any more."""
        for number in itertools.count(1, step):
            before = self.disk.get("faults")
            self.disk.fail(*calls, after=number, times=1, error=error)
            self.play(number)
            self.disk.mend()
            if self.disk.get("faults") == before:
                return number
            self.check_after_failure(number)
        raise AssertionError("endless")

    def finish(self) -> None:
        for scenario in self._unfinished:
            eventually(scenario.is_closed, f"scenario {scenario.number} is closed", 60)
            scenario.confirm()
        for scenario in self._unfinished + self._done:
            scenario.check()
        self._unfinished, self._done = [], []

    def check_after_failure(self, number: int) -> None:
        what = self.disk.last_failure()
        self.failed[what] = self.failed.get(what, 0) + 1
        count = self.count_descriptors()
        assert count <= self._descriptors + DESCRIPTORS_SPARE, f"{count} after call {number}"
        self.assert_whole(f"call {number}, {what}")

    def assert_whole(self, when: str) -> None:
        """As another process sees the file, beside a gateway that uses it."""
        with contextlib.closing(sqlite3.connect(self.gateway.data / "gateway.db")) as other:
            assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)], when

    def count_descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.gateway.process.pid}/fd").iterdir()))


@pytest.fixture
def layer(disk_library: Path, tmp_path: Path) -> Disk:
    return Disk(disk_library, tmp_path / "page")


@pytest.fixture
def stage(start_gateway: Callable[..., Gateway], stub: Stub, layer: Disk) -> Stage:
    return Stage(start_gateway(**layer.settings), stub, layer)


@pytest.mark.parametrize(
    "calls, error, step",
    [
        pytest.param(disk.CHANGES, errno.EIO, 1, id="changes"),
        pytest.param(disk.QUESTIONS, errno.EIO, 1, id="questions"),
        pytest.param(("write",), errno.ENOSPC, NO_ROOM_STEP, id="no-room"),
    ],
)
@pytest.mark.root
def test_the_nth_call_fails(
    stage: Stage, calls: tuple[str, ...], error: int, step: int, report: Callable[[str], None]
) -> None:
    usual = stage.calls_of_one(calls)
    played = stage.play_all(calls, error, step)
    stage.finish()
    assert played > usual / 2, f"{played} of {usual}"
    assert stage.gateway.stop() == 0
    stage.assert_whole("at the end")
    what = f"{errno.errorcode[error]}, step {step}"
    report(f"calls up to the {played - 1}th failed once ({what}): {stage.failed}")


@pytest.mark.root
def test_the_nth_call_of_opening_anew_fails(
    stage: Stage, layer: Disk, report: Callable[[str], None]
) -> None:
    """After a sync that failed the file is opened again, and that fails too."""
    source = stage.play(0).source
    assert source is not None
    for number in itertools.count(1):
        incident_id = new_id()
        layer.fail("sync", files=disk.LOG, times=1)
        layer.then_fail(*disk.CALLS, after=number)
        before = layer.get("faults")
        # Refused at first, unless it was something in the background that met the failure.
        body = retried(lambda: source.post(new(incident_id, EPOCH)), 200)
        assert body["outcome"] == "created", body
        # Reading follows to the new opening.
        path = f"/v1/alerts/{body['alert_id']}"
        assert retried(lambda: stage.gateway.api("GET", path), 200)["status"] == "firing"
        layer.mend()
        if layer.get("faults") == before + 1:
            break
        stage.check_after_failure(number)
    assert number > 30 and "open of database" in stage.failed, f"not opened anew: {stage.failed}"
    assert stage.gateway.stop() == 0
    stage.assert_whole("at the end")
    report(f"each of {number - 1} calls while opening anew failed once: {stage.failed}")
