"""A site that loses its route to BigPanda: alerts go on, closes wait, and are made afterwards."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway import Gateway
from network import give_route_back, network_of_its_own, take_route_away
from payloads import EPOCH, new, new_id
from stub import Stub
from waiting import eventually

# A network of its own.
pytestmark = pytest.mark.root

# Where the gateway finds BigPanda; the tests and the stub's webhooks go by other addresses.
BIGPANDA = "127.9.9.9"
CLOSES = 10


@pytest.fixture(autouse=True)
def network() -> Iterator[None]:
    """Before all other fixtures, whose processes must start in it."""
    with network_of_its_own():
        yield


@pytest.fixture
def stub_everywhere(binary: str, tmp_path: Path) -> Iterator[Stub]:
    stub = Stub(binary, tmp_path / "stub", host="0.0.0.0")
    yield stub
    stub.process.kill()


def can_reach(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
        return True
    except OSError:
        return False


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted"])
def test_closes_wait_for_the_route(
    restarts: bool, start_gateway: Callable[..., Gateway], stub_everywhere: Stub
) -> None:
    stub, gateway = stub_everywhere, start_gateway()
    # What was on its way when the route went, the kernel sends again when it is back, be the
    # process alive or not. It then comes within the same second as calls that were made then.
    stub.settings(rate_per_second=0)
    answer = gateway.connect(stub, base_url=f"http://{BIGPANDA}:{stub.port}")
    assert answer.status == 201, answer
    source = gateway.create_source(answer.json()["id"])
    stub.send_webhooks(source.callback_url, source.secret)
    owed = {}
    for _ in range(CLOSES):
        incident_id = stub.create(share=False)
        owed[incident_id] = source.fire(new(incident_id, EPOCH))

    take_route_away(BIGPANDA)
    assert not can_reach(BIGPANDA, stub.port) and can_reach("127.0.0.1", stub.port)
    stub.forget_calls()
    for alert_id in owed.values():
        gateway.resolve(alert_id)
    eventually(lambda: any_tried(gateway, list(owed.values())), "a close is tried")
    if restarts:
        gateway.kill_and_restart()
    # The site goes on meanwhile: it takes webhooks in, and knows what it owes.
    assert source.post(new(new_id(), EPOCH)).status == 200
    for alert_id in owed.values():
        alert = gateway.alert(alert_id)
        assert alert["status"] == "resolved", alert
        assert alert["close"]["state"] in ("pending", "sending"), alert
    assert not stub.calls(), "nothing came through"

    give_route_back(BIGPANDA)
    for incident_id, alert_id in owed.items():
        gateway.wait_for_close(alert_id, "confirmed", 90)
        assert not stub.is_active(incident_id)
        accepted = [call["status"] for call in stub.resolves(incident_id)]
        assert accepted == [202], f"{incident_id}: {accepted}"


def any_tried(gateway: Gateway, alert_ids: list[str]) -> bool:
    closes = [gateway.close_of(alert_id) for alert_id in alert_ids]
    return any(close["last_error"] for close in closes if close)
