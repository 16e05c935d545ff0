"""Stopping: requests under way are finished, nothing is lost, the status is 0."""

import json
import signal
import time

import pytest

from conftest import Connected
from gateway import Gateway, Source
from http_client import connection, read_response, request
from payloads import EPOCH, new, new_id
from raw_socket import RawClient
from test_http_requests import GET, webhook
from waiting import eventually


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_cleanly(gateway: Gateway, number: int) -> None:
    gateway.ended_on_purpose = True
    started = time.monotonic()
    assert gateway.process.stop(number) == 0
    assert time.monotonic() - started < 3, "an idle gateway has nothing to wait for"


def test_a_second_signal_ends_it_at_once(gateway: Gateway) -> None:
    """Even in the second in which it still serves, for balancers to notice."""
    gateway.ended_on_purpose = True
    gateway.process.child.send_signal(signal.SIGTERM)
    eventually(lambda: "The gateway is stopping." in gateway.process.said(), "it is stopping")
    gateway.process.child.send_signal(signal.SIGTERM)
    assert gateway.process.wait() == 128 + signal.SIGTERM


def test_an_idle_connection_does_not_hold_it_up(gateway: Gateway) -> None:
    channel = connection(gateway.address)
    channel.request("GET", "/healthz")
    assert read_response(channel).status == 200
    assert gateway.stop() == 0
    channel.close()


def test_a_request_under_way_is_answered(source: Source) -> None:
    gateway = source.gateway
    incident_id = new_id()
    body = json.dumps(new(incident_id, EPOCH)).encode()
    data = webhook(source, f"Content-Length: {len(body)}", body=body)
    with RawClient(gateway.address) as client:
        client.send(data[:-20])
        # An answer on another connection shows that those bytes were read before it stops.
        assert request(gateway.address, "GET", "/healthz").status == 200
        gateway.ended_on_purpose = True
        gateway.process.child.send_signal(signal.SIGTERM)
        assert_not_ready_or_closed(gateway)
        client.send(data[-20:])
        answer = client.response()
        assert answer is not None and answer.status == 200, answer
    assert gateway.process.wait() == 0
    gateway.start_again()
    assert gateway.find_alert(incident_id) is not None


def assert_not_ready_or_closed(gateway: Gateway) -> None:
    def is_told() -> bool:
        try:
            return request(gateway.address, "GET", "/readyz").status == 503
        except OSError:
            return True

    eventually(is_told, "not ready any more", 5)


def test_a_request_that_never_ends_does_not_hold_it_up(gateway: Gateway) -> None:
    with RawClient(gateway.address) as client:
        client.send(GET)
        # At most the promised 10 s, of which the fixture's wait takes care.
        assert gateway.stop() == 0


def test_a_call_to_bigpanda_does_not_hold_it_up(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident_id = stub.create(share=False)
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    stub.fault("resolve", "delay", delay_ms=30_000)
    gateway.resolve(alert_id)
    gateway.wait_for_close(alert_id, "sending")
    assert gateway.stop() == 0
    stub.clear_faults()
    gateway.start_again()
    gateway.wait_for_close(alert_id, "confirmed", 60)


def test_what_is_stored_is_there_after_a_stop(connected: Connected) -> None:
    incident_id = new_id()
    alert_id = connected.source.fire(new(incident_id, EPOCH))
    assert connected.gateway.stop() == 0
    connected.gateway.start_again()
    assert connected.gateway.alert(alert_id)["status"] == "firing"
