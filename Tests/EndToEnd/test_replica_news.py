"""Two gateways on one PostgreSQL: what one does, the other knows."""

import signal
import time
from collections.abc import Callable

import pytest

from conftest import Connected, connect
from event_stream import EventStream
from gateway import Gateway, Source
from payloads import new, new_id
from postgres import Database
from stub import Stub
from waiting import eventually


class Pair:
    """A gateway that everything is told to, and another one beside it."""

    def __init__(self, connected: Connected, other: Gateway) -> None:
        self.connected = connected
        self.first = connected.gateway
        self.other = other


@pytest.fixture
def pair(start_gateway: Callable[..., Gateway], stub: Stub, database: Database) -> Pair:
    first = start_gateway(**database.settings())
    other = start_gateway(**database.settings())
    for gateway in (first, other):
        gateway.secrets |= database.secrets
    eventually(
        lambda: database.sql("SELECT count(*) FROM replicas") == "2", "both have said they live"
    )
    return Pair(connect(first, stub), other)


def post_to_other(pair: Pair, source: Source, secret: str) -> int:
    return source.post(new(new_id()), through=pair.other.address, token=secret).status


def test_a_source_is_known_everywhere_once_it_is_answered(pair: Pair) -> None:
    """BigPanda would not repeat a webhook that was refused with 401."""
    for number in range(15):
        source = pair.first.create_source(pair.connected.integration["id"], f"source {number}")
        assert post_to_other(pair, source, source.secret) == 200
        path = f"/v1/sources/{source.id}"
        rotated = pair.first.api("POST", f"{path}/rotate-secret", {"overlap_seconds": 0}).json()
        pair.first.secrets.add(rotated["secret"])
        assert post_to_other(pair, source, rotated["secret"]) == 200
        assert post_to_other(pair, source, source.secret) == 401
        assert pair.first.api("PATCH", path, {"enabled": False}).status == 200
        assert post_to_other(pair, source, rotated["secret"]) == 401
        # And the other way round.
        assert pair.other.api("PATCH", path, {"enabled": True}).status == 200
        assert source.post(new(new_id()), token=rotated["secret"]).status == 200
        assert pair.other.api("DELETE", path).status == 204
        assert source.post(new(new_id()), token=rotated["secret"]).status == 401


def test_a_stream_tells_what_another_gateway_does(pair: Pair) -> None:
    source = pair.connected.source
    with EventStream(pair.other, "?kinds=alert,close,integration") as stream:
        stream.wait_until_told()
        alert = source.fire(new(new_id()))
        started = time.monotonic()
        stream.wait_for(lambda e: e.kind == "alert" and e.data["id"] == alert, "the alert")
        assert time.monotonic() - started < 1.5, "that was no notification"
        pair.first.resolve(alert)
        stream.wait_for(lambda e: e.kind == "close" and e.data["alert_id"] == alert, "its close")
        made = pair.first.connect(pair.connected.stub, name="second").json()
        stream.wait_for(
            lambda e: e.kind == "integration" and e.data["id"] == made["id"], "the integration"
        )
        last_id = stream.last_id
    late = source.fire(new(new_id()))
    # Where it broke off at one, it goes on at the other.
    with EventStream(pair.first, "?kinds=alert", **{"Last-Event-ID": last_id}) as stream:
        stream.wait_for(lambda e: e.data["id"] == late, "what came meanwhile")


def test_a_key_and_its_state_reach_everybody(pair: Pair) -> None:
    stub, integration = pair.connected.stub, pair.connected.integration["id"]
    path = f"/v1/integrations/{integration}"
    good_key = stub.key
    pair.connected.share()
    _, alert = pair.connected.shared_incident()
    stub.allow_keys("BPU-another")
    for gateway in (pair.first, pair.other):
        gateway.secrets |= {"BPU-another", good_key}
    assert pair.other.api("POST", f"{path}/check").json()["state"] == "key_rejected"
    assert pair.first.get(path)["state"] == "key_rejected"
    pair.first.resolve(alert)
    assert pair.first.api("PATCH", path, {"api_key": "BPU-another"}).status == 200
    state = pair.other.get(path)
    assert (state["state"], state["key_suffix"]) == ("connected", "ther")
    # The key itself is there, too.
    assert pair.other.api("POST", f"{path}/check").json()["state"] == "connected"
    pair.other.wait_for_close(alert, "confirmed")
    assert pair.other.api("DELETE", path).status == 409


def test_news_that_nobody_heard_is_found(pair: Pair, database: Database) -> None:
    """The listening connection is cut again and again; what was missed meanwhile comes."""
    source = pair.connected.source
    with EventStream(pair.other, "?kinds=alert") as stream:
        stream.wait_until_told()
        for number in range(3):
            database.sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            eventually(
                lambda: request_is_ready(pair.first) and request_is_ready(pair.other), "both"
            )
            alert = eventually(lambda: try_to_fire(source), "a webhook that is taken")
            stream.wait_for(lambda e, alert=alert: e.data["id"] == alert, f"alert {number}")
            made = pair.first.create_source(pair.connected.integration["id"], f"source {number}")
            eventually(lambda made=made: post_to_other(pair, made, made.secret) == 200, "it works")


def request_is_ready(gateway: Gateway) -> bool:
    return gateway.api("GET", "/readyz", token=None).status == 200


def try_to_fire(source: Source) -> str | None:
    answer = source.post(new(new_id()))
    return answer.json()["alert_id"] if answer.status == 200 else None


def test_a_gateway_that_hangs_holds_an_answer_up_for_two_seconds(pair: Pair) -> None:
    pair.other.process.child.send_signal(signal.SIGSTOP)
    try:
        started = time.monotonic()
        pair.first.create_source(pair.connected.integration["id"], "while it hangs")
        assert 1.5 < time.monotonic() - started < 6
        eventually(lambda: "have not taken in a change" in pair.first.process.said(), "it says so")

        def is_quick() -> bool:
            before = time.monotonic()
            pair.first.create_source(pair.connected.integration["id"], "later")
            return time.monotonic() - before < 1

        eventually(is_quick, "it counts as dead", 20)
    finally:
        pair.other.process.child.send_signal(signal.SIGCONT)
    source = pair.first.create_source(pair.connected.integration["id"], "after")
    eventually(lambda: post_to_other(pair, source, source.secret) == 200, "it knows again")


def test_who_goes_is_not_waited_for(pair: Pair) -> None:
    assert pair.other.stop() == 0
    started = time.monotonic()
    pair.first.create_source(pair.connected.integration["id"], "alone")
    assert time.monotonic() - started < 1.5
