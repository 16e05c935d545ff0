"""The live stream: what changes comes at once, and again after whatever interrupted it."""

import json
import os
import signal
import threading
import time

import pytest

from conftest import Connected
from event_stream import EventStream
from gateway import Gateway
from http_client import assert_problem
from payloads import new, new_id
from raw_socket import RawClient
from stub import Stub
from waiting import eventually

STREAMS_MAX = 128


def test_an_incidents_life_is_told(connected: Connected) -> None:
    gateway = connected.gateway
    connected.share()
    with EventStream(gateway) as stream:
        assert stream.answer.getheader("Content-Type") == "text/event-stream"
        assert stream.answer.getheader("Cache-Control") == "no-store"
        stream.wait_until_told()
        incident_id, alert_id = connected.shared_incident()
        fired = stream.wait_for(lambda e: e.kind == "alert", "the alert")
        assert fired.data["id"] == alert_id and fired.data["status"] == "firing"
        delivery = stream.wait_for(lambda e: e.kind == "delivery", "the delivery")
        [listed] = gateway.items("/v1/deliveries")
        assert delivery.data == listed

        gateway.resolve(alert_id)
        gateway.wait_for_close(alert_id, "confirmed")
        stream.wait_for(
            lambda e: e.kind == "close" and e.data["state"] == "confirmed", "the close"
        )
        told = stream.wait_for(
            lambda e: e.kind == "alert" and (e.data["close"] or {}).get("state") == "confirmed",
            "the alert with its close",
        )
        # As lists show it.
        [alert] = gateway.items(f"/v1/alerts?incident_id={incident_id}")
        [close] = gateway.items("/v1/closes")
        assert told.data == alert and stream.of("close")[-1] == close
        ids = [event.id for event in stream.events]
        assert ids == sorted(set(ids))


def test_integrations_are_told(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    with EventStream(gateway, "?kinds=integration") as stream:
        stream.wait_until_told()
        made = gateway.connect(stub, name="second").json()
        event = stream.wait_for(lambda e: e.kind == "integration", "the new one")
        assert event.data == gateway.get(f"/v1/integrations/{made['id']}")
        assert stub.key not in json.dumps(event.data)
        assert gateway.api("DELETE", f"/v1/integrations/{made['id']}").status == 204
        event = stream.wait_for(lambda e: e.kind == "removed", "its end")
        assert event.data == {"kind": "integration", "id": made["id"]}
        connected.source.fire(new(new_id()))
        gateway.connect(stub, name="third")
        stream.wait_for(lambda e: e.data.get("name") == "third", "the third")
        assert {event.kind for event in stream.events} == {"integration", "removed"}


def test_it_goes_on_where_it_broke_off(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    with EventStream(gateway, "?kinds=alert") as stream:
        stream.wait_until_told()
        first = source.fire(new(new_id()))
        stream.wait_for(lambda e: e.data["id"] == first, "the first")
        last_id = stream.last_id
    missed = [source.fire(new(new_id())) for _ in range(3)]
    gateway.resolve(missed[0])
    gateway.kill_and_restart()
    late = source.fire(new(new_id()))
    for query, headers in (("", {"Last-Event-ID": last_id}), (f"&last_event_id={last_id}", {})):
        with EventStream(gateway, f"?kinds=alert{query}", **headers) as stream:
            stream.wait_for(lambda e: e.data["id"] == late, "the last")
            alerts = stream.of("alert")
            assert first not in {alert["id"] for alert in alerts}
            assert {alert["id"] for alert in alerts} == {*missed, late}
            # A close may go on meanwhile; whatever else changed is told once.
            others = [alert["id"] for alert in alerts if alert["id"] != missed[0]]
            assert sorted(others) == sorted([*missed[1:], late])
            assert all(a["status"] == "resolved" for a in alerts if a["id"] == missed[0])


def test_an_id_that_nothing_has_means_to_load_anew(connected: Connected) -> None:
    for last_id in ("999999999", "nonsense"):
        with EventStream(connected.gateway, **{"Last-Event-ID": last_id}) as stream:
            reset = stream.wait_for(lambda e: e.kind == "reset", "a reset")
            assert reset.data == {"reason": "unknown_id"}
            alert = connected.source.fire(new(new_id()))
            event = stream.wait_for(lambda e: e.kind == "alert", "what comes after")
            assert event.data["id"] == alert and event.id > reset.id


def test_a_storm_is_told_by_its_end(connected: Connected) -> None:
    """10,000 changes of a few alerts; a reader gets each one's last state and not all between."""
    gateway, source = connected.gateway, connected.source
    names = [new_id() for _ in range(5)]
    rounds = 400
    with EventStream(gateway, "?kinds=alert") as stream:
        stream.wait_until_told()

        def change(name: str) -> None:
            for number in range(rounds):
                source.deliver(new(name, 1_777_000_000 + number))

        threads = [threading.Thread(target=change, args=(name,)) for name in names]
        started = time.monotonic()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        newest = {a["incident_id"]: a for a in gateway.items("/v1/alerts")}

        def is_told() -> bool:
            last = {alert["incident_id"]: alert for alert in stream.of("alert")}
            return all(last.get(name) == newest[name] for name in names)

        eventually(is_told, "the last state of each alert")
        # Ten looks a second at most, of five alerts each.
        assert len(stream.events) < 5 * (10 * seconds + 3), (len(stream.events), seconds)
        assert len(stream.events) < rounds * len(names) / 2


def test_who_does_not_read_costs_nothing(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    head = f"GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
    silent = [RawClient(gateway.address, seconds=60) for _ in range(20)]
    for client in silent:
        client.send(head.encode())
        assert client.read_more()
    tags = {f"tag-{number}": "x" * 400 for number in range(60)}
    names = [new_id() for _ in range(40)]

    def storm() -> None:
        for name in names:
            source.deliver(new(name, **{"tags": tags}))

    with EventStream(gateway, "?kinds=alert") as stream:
        stream.wait_until_told()
        storm()
        before = resident_bytes(gateway)
        for _ in range(10):
            storm()
        # The reader next to them is told all the same.
        marker = source.fire(new(new_id()))
        stream.wait_for(lambda e: e.data["id"] == marker, "the last alert")
        assert resident_bytes(gateway) - before < 24 << 20
    for client in silent:
        client.socket.close()


def resident_bytes(gateway: Gateway) -> int:
    pages = open(f"/proc/{gateway.process.child.pid}/statm").read().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def test_streams_have_a_bound(connected: Connected) -> None:
    gateway = connected.gateway
    streams = [EventStream(gateway) for _ in range(STREAMS_MAX)]
    try:
        assert all(stream.answer.status == 200 for stream in streams)
        answer = gateway.api("GET", "/v1/stream")
        assert_problem(answer, 503, "too_many_streams")
        assert answer.header("Retry-After")
        metrics = gateway.api("GET", "/metrics").body.decode()
        assert f"bigpanda_gateway_streams {STREAMS_MAX}" in metrics
        streams.pop().close()
        # That it went away is noticed at once.
        streams.append(eventually(lambda: opened(gateway), "room for another"))
    finally:
        for stream in streams:
            stream.close()


def opened(gateway: Gateway) -> EventStream | None:
    stream = EventStream(gateway)
    if stream.answer.status == 200:
        return stream
    stream.close()
    return None


@pytest.mark.parametrize("path", ["/v1/stream?kinds=alerts", "/v1/stream?kinds=,"])
def test_unknown_kinds_are_refused(gateway: Gateway, path: str) -> None:
    assert_problem(gateway.api("GET", path), 400, "invalid_filter")


def test_strangers_get_nothing(gateway: Gateway) -> None:
    for token in ("wrong", ""):
        assert_problem(gateway.api("GET", "/v1/stream", token=token), 401, "unauthorized")


def test_stopping_ends_streams_and_waits_for_none(connected: Connected) -> None:
    gateway = connected.gateway
    head = f"GET /v1/stream HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {gateway.token}\r\n\r\n"
    with EventStream(gateway) as stream, RawClient(gateway.address) as silent:
        stream.wait_until_told()
        silent.send(head.encode())
        assert silent.read_more()
        started = time.monotonic()
        gateway.process.child.send_signal(signal.SIGTERM)
        gateway.ended_on_purpose = True
        # The last chunk came, so the end was no accident.
        assert stream.ended.wait(10)
        assert stream.answer.isclosed()
        stream.close()
        assert gateway.process.wait() == 0
        assert time.monotonic() - started < 5


def test_silence_is_broken(connected: Connected, stub: Stub) -> None:
    with EventStream(connected.gateway, "?kinds=close") as stream:
        told = stream.wait_until_told()
        connected.source.fire(new(new_id()))
        eventually(lambda: "keep-alive" in stream.comments, "a sign of life", 25)
        # What it did not ask for moves on where it would go on.
        eventually(lambda: int(stream.last_id or 0) > int(told), "a later id", 5)
        assert not stream.events
