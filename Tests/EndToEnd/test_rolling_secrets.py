"""Two gateways on one database get another master key and another admin token, one by one."""

import base64
import os
import secrets
import subprocess
import threading
from collections.abc import Callable
from typing import Any

import pytest

from audit_log import of_operator
from balanced import Senders
from conftest import connect
from gateway import Gateway
from haproxy import HAProxy
from http_client import request
from postgres import Database
from processes import environment

pytestmark = pytest.mark.parametrize("store", ["postgres"], indirect=True)

API_CALLS_MIN = 50


class Callers:
    """Somebody who calls the API through the balancer without a pause, with the current token."""

    def __init__(self, haproxy: HAProxy, token: str) -> None:
        self.token = token
        self.answers: list[int | str] = []
        self._haproxy = haproxy
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._is_stopped.wait(0.005):
            try:
                answer = request(self._haproxy.address, "GET", "/v1/alerts", token=self.token)
                self.answers.append(answer.status)
            except OSError as error:
                self.answers.append(repr(error))

    def stop(self) -> list[int | str]:
        self._is_stopped.set()
        self._thread.join(timeout=30)
        return self.answers


def test_nothing_is_refused_while_secrets_are_changed(
    start_gateway: Callable[..., Gateway], stub: Any, store: Database,
    start_haproxy: Callable[..., HAProxy], report: Callable[[str], None],
) -> None:  # fmt: skip
    old = {"key": store.master_key, "token": store.token}
    fresh = {
        "key": base64.b64encode(os.urandom(32)).decode(),
        "token": secrets.token_hex(16),
    }
    source = connect(start_gateway(), stub).source
    (integration,) = source.gateway.items("/v1/integrations")
    gateways = [source.gateway, start_gateway()]
    haproxy = start_haproxy(*gateways)
    senders, callers = Senders(haproxy.address, source), Callers(haproxy, old["token"])

    def roll(key: str, token: str, **previous: str) -> None:
        for index, gateway in enumerate(gateways):
            for name in ("MASTER_KEY", "ADMIN_TOKEN"):
                gateway.settings.pop(f"GATEWAY_{name}_PREVIOUS", None)
            gateway.settings |= {"GATEWAY_MASTER_KEY": key, "GATEWAY_ADMIN_TOKEN": token}
            gateway.settings |= {f"GATEWAY_{name}_PREVIOUS": it for name, it in previous.items()}
            gateway.secrets |= {key, token, *previous.values()}
            assert gateway.stop() == 0
            gateway.start_again()
            haproxy.wait_for(index, "UP")
            # It opens the key that the store has, and seals one that the other opens.
            answer = gateway.api("POST", f"/v1/integrations/{integration['id']}/check")
            assert answer.status == 200 and answer.json()["state"] == "connected", answer
            body = {"api_key": stub.key}
            answer = gateway.api("PATCH", f"/v1/integrations/{integration['id']}", body)
            assert answer.status == 200, answer

    roll(old["key"], fresh["token"], MASTER_KEY=fresh["key"], ADMIN_TOKEN=old["token"])
    callers.token = fresh["token"]
    roll(fresh["key"], fresh["token"], MASTER_KEY=old["key"])
    told = run(gateways[0], "doctor").stdout
    assert told.count("master key: fingerprint") == 2 and "ok    store schema" in told, told
    assert reseal(gateways[0]).startswith(("0 API keys", "1 API keys"))
    assert reseal(gateways[1]).startswith("0 API keys")
    first, second = of_operator(gateways[0])
    assert first[:2] == second[:2] and first[0] == "master_key.reseal"
    assert first[1] in told and second[2] == "unchanged"
    roll(fresh["key"], fresh["token"])
    heard, answers = senders.stop(), callers.stop()
    assert not heard.refused and not heard.broken, (heard.refused[:3], heard.broken[:3])
    assert set(answers) == {200} and len(answers) > API_CALLS_MIN, set(answers)
    for gateway in gateways:
        gone = request(gateway.address, "GET", "/v1/alerts", token=old["token"])
        assert gone.status == 401
    report(
        f"key and token changed over {len(heard.acknowledged)} webhooks and {len(answers)} calls "
        "of the API, none refused"
    )


def run(gateway: Gateway, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [gateway.binary, *words],
        env=environment(gateway.directory, gateway.settings),
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def reseal(gateway: Gateway) -> str:
    result = run(gateway, "key", "reseal")
    assert result.returncode == 0, result.stderr
    return result.stdout
