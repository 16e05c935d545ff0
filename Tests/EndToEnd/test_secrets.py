"""Secrets are planted wherever one can enter, and found nowhere they do not belong."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

import leaks
from conftest import Connected, connect, on_both_stores
from gateway import Gateway
from http_client import request
from outbound import keep, make_endpoint
from payloads import EPOCH, alert, new, new_id
from postgres import Database
from raw_socket import RawClient
from stub import Stub
from waiting import eventually


def search_everywhere(gateway: Gateway) -> None:
    gateway.assert_nothing_leaked()
    for name in ("cmdline", "comm"):
        where = Path(f"/proc/{gateway.process.pid}/{name}")
        leaks.assert_absent(gateway.secrets, where.read_bytes(), name)
    for path in ("/metrics", "/v1/integrations", "/v1/sources", "/v1/alerts", "/v1/closes"):
        gateway.api("GET", path)  # Searched by the call itself.


def test_the_search_would_find_a_secret(tmp_path: Path) -> None:
    secret = "BPU-0123456789abcdef"
    for form in leaks.forms(secret):
        with pytest.raises(AssertionError):
            leaks.assert_absent({secret}, b"log: key=" + form + b" refused", "a log")
    leaks.assert_absent({secret}, b"log: key=...cdef refused", "a log")
    (tmp_path / "gateway.err").write_text(f"sent {secret}")
    with pytest.raises(AssertionError):
        leaks.assert_no_files_hold({secret}, tmp_path)


def test_a_whole_life_leaks_nothing(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    stub.fault("resolve", "status", status=503)
    stub.fault("resolve", "drop")
    gateway.resolve(alert_id)
    stub.wait_until_closed(incident_id, 60)
    gateway.wait_for_close(alert_id, "confirmed", 60)
    stub.allow_keys()
    gateway.api("POST", f"/v1/integrations/{connected.integration['id']}/check")
    (gateway.data / "master.key").chmod(0o600)
    gateway.secrets.add((gateway.data / "master.key").read_text().strip())
    search_everywhere(gateway)
    gateway.kill_and_restart()
    search_everywhere(gateway)


@pytest.mark.parametrize("status", [401, 403, 404, 500, 503])
def test_a_refused_key_leaks_nothing(gateway: Gateway, stub: Stub, status: int) -> None:
    stub.fault("environments", "status", status=status, times=0)
    assert gateway.connect(stub).status in (422, 503)
    search_everywhere(gateway)


def test_a_key_in_a_broken_request_leaks_nothing(gateway: Gateway, stub: Stub) -> None:
    key = stub.key
    gateway.secrets.add(key)
    whole = json.dumps({"name": "a", "api_key": key, "base_url": stub.base_url})
    bodies = [whole[:-1], whole + "x", whole.replace(key, key + "\\u00"), f'["{key}"]', f'"{key}"']
    bodies += [json.dumps({"name": key}), json.dumps({"api_key": {"value": key}})]
    bodies += [json.dumps({"name": "a", "api_key": key, "region": key})]
    bodies += [json.dumps({"name": "a", "api_key": key, "base_url": f"https://{key}@a b"})]
    for body in bodies:
        answer = gateway.api("POST", "/v1/integrations", body=body.encode())
        assert 400 <= answer.status < 500, answer
    for media_type in ("text/plain", f"text/{key}"):
        headers = {"Content-Type": media_type}
        gateway.api("POST", "/v1/integrations", body=whole.encode(), headers=headers)
    search_everywhere(gateway)


def test_a_token_in_the_wrong_place_leaks_nothing(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    for secret in (gateway.token, source.secret, connected.stub.key):
        for path in (
            f"/{secret}",
            f"/v1/alerts?token={secret}",
            f"/v1/alerts/{secret}",
            f"/webhooks/bigpanda/{secret}",
            f"{source.path}?secret={quote(secret)}",
        ):
            for value in (f"Basic {secret}", f"Bearer {secret}x", secret, f"Bearer {secret} "):
                headers = {"Authorization": value, "Cookie": f"session={secret}"}
                headers |= {"User-Agent": secret, "Referer": f"http://a/{secret}"}
                # The answers to these are searched below, by what the files and metrics say.
                request(gateway.address, "POST", path, json=new(new_id()), headers=headers)
    search_everywhere(gateway)


def test_a_secret_in_garbage_leaks_nothing(connected: Connected) -> None:
    gateway, source = connected.gateway, connected.source
    secret = source.secret.encode()
    for data in (
        secret + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization : Bearer " + secret + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer " + secret + b"\0\r\n\r\n",
        b"GET /" + secret + b" HTTP/9.9\r\nHost: " + secret + b"\r\n\r\n",
        b"POST " + source.path.encode() + b" HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        + secret + b"\r\nContent-Length: x\r\n\r\n",
    ):
        with RawClient(gateway.address, seconds=5) as client:
            client.send(data)
            client.half_close()
            leaks.assert_absent(gateway.secrets, client.read_until_close(), "an answer")
    search_everywhere(gateway)


@on_both_stores
def test_a_signing_secret_in_a_webhook_is_kept_nowhere(
    start_gateway: Callable[..., Gateway], stub: Stub, store: Database | None
) -> None:
    """That of an endpoint: the one before, too, at every replica, and after a restart."""
    connected = connect(start_gateway(), stub)
    gateway, source = connected.gateway, connected.source
    gateways = [gateway, start_gateway()] if store else [gateway]
    endpoint = make_endpoint(gateway, "https://hooks.invalid/")
    secrets = [endpoint.secret, keep(gateway, endpoint.post("/rotate-secret")).secret]
    # Without prefix and padding it is the secret all the same.
    bare = [secret.removeprefix("whsec_").rstrip("=") for secret in secrets]
    for one in gateways:
        one.secrets |= {*secrets, *bare}

    def plant(at: Gateway) -> None:
        for secret in (*secrets, *bare):
            for spelled in (secret, f"x{secret}y", secret.replace("/", "\\/")):
                told = new(new_id(), alerts=[alert(description="look: SECRET here")])
                body = json.dumps(told).replace("SECRET", spelled)
                headers = {"X-Note": f"key: {secret}; x"}
                answer = source.post(body.encode(), through=at.address, headers=headers)
                assert answer.status == 200, answer
            assert source.post(f'["{secret}"'.encode(), through=at.address).status == 400

    def search(refused: int) -> None:
        at = gateways[-1]
        eventually(
            lambda: len(at.items("/v1/deliveries?outcome=refused")) == refused, "all are kept")
        stars = 0
        for kind in ("deliveries", "alerts"):
            for item in at.items(f"/v1/{kind}?limit=500"):
                shown = at.get(f"/v1/{kind}/{item['id']}")  # Searched by the call itself.
                stars += "look: " in json.dumps(shown) and "*****" in json.dumps(shown)
        assert stars == 2 * 3 * refused, "what stands beside it was not kept"

    for one in gateways:
        plant(one)
    search(4 * len(gateways))
    gateway.kill_and_restart()
    plant(gateway)
    search(4 * len(gateways) + 4)
    for one in gateways:
        search_everywhere(one)


def test_the_log_says_what_happened_all_the_same(connected: Connected) -> None:
    """Silence would leak nothing either."""
    gateway = connected.gateway
    alert_id = connected.source.fire(new(new_id(), EPOCH))
    connected.source.post(b"{")
    connected.source.post(new(new_id()), token="wrong")
    gateway.resolve(alert_id)

    def is_told() -> bool:
        return len(gateway.process.said().splitlines()) >= 4

    eventually(is_told, "the log has lines about it")
