"""The journal: every webhook as it came in, accepted or not, what keeps it small, and replays."""

import json
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import payloads
from conftest import Connected, on_both_stores
from gateway import Gateway, Source
from http_client import Response, assert_problem
from journal import deliveries, newest, newest_refused
from payloads import EPOCH, closed, new, new_id
from waiting import eventually

pytestmark = on_both_stores


def replay(gateway: Gateway, delivery_id: str, body: Any = None) -> Response:
    return gateway.api("POST", f"/v1/deliveries/{delivery_id}/replay", body)


def test_accepted_ones_are_kept_byte_by_byte(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    text = json.dumps(new(new_id(), title="Füll \u2028 <b>"), ensure_ascii=False, indent=3)
    body = f"\n\t {text}\r\n ".encode()
    answer = source.post(body, headers={"X-Request-Id": "abc", "User-Agent": "BigPanda"})
    assert answer.status == 200, answer
    delivery = newest(gateway)
    assert delivery["body"].encode() == body
    assert delivery["bytes"] == len(body)
    assert delivery["outcome"] == "created" and "reason" not in delivery
    assert delivery["alert_id"] == answer.json()["alert_id"]
    assert delivery["source_id"] == source.id
    assert delivery["peer"] == "127.0.0.1"
    assert delivery["headers"]["X-Request-Id"] == "abc"
    assert delivery["headers"]["User-Agent"] == "BigPanda"
    (entry,) = gateway.alert(delivery["alert_id"])["timeline"]
    assert entry["delivery_id"] == delivery["id"]
    listed = deliveries(gateway, f"source_id={source.id}&outcome=created")
    assert [item["id"] for item in listed] == [delivery["id"]]
    assert "body" not in listed[0] and "headers" not in listed[0]


def test_no_secret_is_kept(connected: Connected) -> None:
    """The fixtures search every answer, and all files at the end, for the secrets."""
    gateway, source = connected.gateway, connected.source
    headers = {
        "Cookie": "session=1",
        "Proxy-Authorization": "Basic YTpi",
        "X-Secret": "whatever",
        "X-One": source.secret,
        "X-Two": f"Bearer {source.secret}",
        "X-Three": gateway.token,
        "Referer": f"https://example.org/?t={source.secret}",
        "X-Kept": "yes",
    }
    assert source.post(new(new_id()), headers=headers).status == 200
    assert set(newest(gateway)["headers"]) >= {"X-Kept", "Content-Type"}
    assert not set(newest(gateway)["headers"]) & (set(headers) - {"X-Kept"})
    assert "Authorization" not in newest(gateway)["headers"]
    assert source.post(new(new_id()), token="wrong", headers=headers).status == 401
    refused = newest_refused(gateway, "bad_secret")
    assert not set(refused["headers"]) & (set(headers) - {"X-Kept"})


def test_the_journal_keeps_its_bound(start_gateway: Callable[..., Gateway], stub: Any) -> None:
    bound = 1 << 20
    gateway = start_gateway(GATEWAY_JOURNAL_BYTES=str(bound))
    source = gateway.create_source(gateway.connect(stub).json()["id"])
    sent = []
    for _ in range(60):
        # Random digits, which compress to about half.
        payload = new(new_id(), note=secrets.token_hex(30_000))
        sent.append(json.dumps(payload))
        source.deliver(payload)
    last = newest(gateway)
    assert last["body"] == sent[-1]

    def journal_bytes() -> int:
        lines = gateway.api("GET", "/metrics").body.decode().splitlines()
        (line,) = [x for x in lines if x.startswith("bigpanda_gateway_journal_bytes ")]
        return int(line.split()[1])

    eventually(lambda: journal_bytes() <= bound, "the journal keeps its bound")
    kept = deliveries(gateway, "limit=500")
    assert 10 <= len(kept) < 60, len(kept)
    bodies = [gateway.get(f"/v1/deliveries/{item['id']}")["body"] for item in kept]
    assert bodies == sent[: -len(kept) - 1 : -1], "the oldest go first"
    assert len(gateway.items("/v1/alerts?limit=500")) == 60, "alerts stay"


def test_a_dry_run_changes_nothing(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    incident = new_id()
    alert_id = source.fire(new(incident))
    first = newest(gateway)["id"]
    assert source.send(closed(incident, EPOCH + 60)) == ("resolved", "resolved")
    before = gateway.alert(alert_id)
    answer = replay(gateway, first, {"dry_run": True})
    assert answer.status == 200, answer
    told = answer.json()
    assert (told["dry_run"], told["outcome"]) == (True, "ignored_stale"), told
    assert (told["previous_status"], told["status"]) == ("resolved", "resolved"), told
    assert told["alert_id"] == alert_id
    assert gateway.alert(alert_id) == before
    assert len(deliveries(gateway)) == 2


def test_a_replay_is_applied_and_says_so(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    incident = new_id()
    alert_id = source.fire(payloads.bare_event("incident#new", incident, active=True))
    first = newest(gateway)["id"]
    assert source.send(payloads.bare_event("incident#closed", incident)) == (
        "resolved",
        "resolved",
    )
    assert replay(gateway, first, {"dry_run": True}).json()["outcome"] == "refired"
    told = replay(gateway, first).json()
    assert (told["outcome"], told["status"]) == ("refired", "firing"), told
    alert = gateway.alert(alert_id)
    assert alert["status"] == "firing"
    entry = alert["timeline"][-1]
    assert f"replay of {first}" in entry["cause"]["name"], entry
    assert entry["delivery_id"] == told["delivery_id"]
    delivery = newest(gateway)
    assert (delivery["id"], delivery["replay_of"]) == (told["delivery_id"], first)
    (described,) = gateway.items("/v1/sources")
    assert described["delivery_count"] == 2, "a replay is no webhook of its source"


def test_a_refused_one_can_be_replayed_once_it_is_acceptable(source: Source) -> None:
    gateway = source.gateway
    body = json.dumps(new(new_id())).encode()
    assert source.post(body, headers={"Content-Type": "text/plain"}).status == 415
    refused = newest_refused(gateway, "unsupported_media_type")
    told = replay(gateway, refused["id"]).json()
    assert (told["outcome"], told["status"]) == ("created", "firing"), told
    assert source.post(b"{}").status == 400
    refused = newest_refused(gateway, "no_incident_id")
    assert_problem(replay(gateway, refused["id"]), 422, "no_incident_id")
    assert source.post(body, token="wrong").status == 401
    refused = newest_refused(gateway, "bad_secret")
    assert_problem(replay(gateway, refused["id"]), 409, "body_not_kept")
    assert_problem(replay(gateway, "dlv_4711"), 404, "not_found")


def test_what_was_acknowledged_is_in_the_journal_after_kill_9(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    sent: dict[str, bytes] = {}

    def send(_: int) -> None:
        incident = new_id()
        body = json.dumps(new(incident)).encode()
        try:
            if source.post(body).status == 200:
                sent[incident] = body
        except OSError:
            pass  # The kill came in between: nothing was promised.

    with ThreadPoolExecutor(8) as pool:
        work = [pool.submit(send, number) for number in range(400)]
        eventually(lambda: len(sent) >= 100, "a hundred webhooks are acknowledged")
        gateway.kill()
        for item in work:
            item.result()
    gateway.start_again()
    kept: dict[str, str] = {}
    cursor = ""
    while cursor is not None:
        page = gateway.get(f"/v1/deliveries?limit=500&cursor={cursor}")
        kept |= {item["incident_id"]: item["id"] for item in page["items"]}
        cursor = page["next_cursor"]
    assert set(sent) <= set(kept)
    for incident in list(sent)[-20:]:
        delivery = gateway.get(f"/v1/deliveries/{kept[incident]}")
        assert delivery["body"].encode() == sent[incident]
