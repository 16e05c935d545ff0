"""`GET /v1/status` and `doctor`: what is wrong, and what to do about it."""

from typing import Any

import pytest

from command_line import CommandLine
from conftest import Connected
from gateway import Gateway
from http_client import assert_problem, request
from payloads import new
from test_commands import command, doctor  # noqa: F401
from waiting import eventually


def findings(gateway: Gateway) -> dict[str, dict[str, Any]]:
    return {finding["code"]: finding for finding in gateway.get("/v1/status")["findings"]}


def test_a_gateway_in_order(connected: Connected) -> None:
    status = connected.gateway.get("/v1/status")
    assert status["status"] == "healthy" and status["store"]["free_bytes"] > 0, status
    assert [finding["severity"] for finding in status["findings"]] in ([], ["notice"]), status
    assert status["closes"] == {
        "owed": 0, "failed": 0, "oldest_owed_at": None, "oldest_owed_seconds": None,
    }


def test_what_is_wrong_is_told_and_what_to_do(
    connected: Connected, command: CommandLine  # noqa: F811
) -> None:
    gateway, source, stub = connected.gateway, connected.source, connected.stub
    stub.allow_keys()
    alert = source.fire(new(stub.create()))
    gateway.resolve(alert)
    assert source.post({}, token="wrong").status == 401
    path = f"/v1/integrations/{connected.integration['id']}"

    def is_told() -> bool:
        status = gateway.get("/v1/status")
        found = {finding["code"]: finding for finding in status["findings"]}
        assert status["status"] == "failing", status
        assert found["integration_paused"]["severity"] == "error", found
        assert "replace-key" in found["integration_paused"]["action"], found
        assert found["source_wrong_secret"]["subject"] == "BigPanda", found
        assert status["closes"]["owed"] == 1 and status["closes"]["oldest_owed_seconds"] < 60
        return True

    eventually(is_told, "the paused integration is told")
    told = doctor(connected, command).stdout
    assert "closes: none has failed; 1 waits, for " in told, told
    assert "WARN  BigPanda: It was shown 1 wrong secret(s)" in told, told

    stub.allow_keys(stub.key)
    assert gateway.api("POST", path + "/check").json()["state"] == "connected"
    gateway.wait_for_close(alert, "sent")
    eventually(lambda: "integration_paused" not in findings(gateway), "it is well again")


def test_failed_closes_are_told_by_doctor(
    connected: Connected, command: CommandLine  # noqa: F811
) -> None:
    gateway, stub = connected.gateway, connected.stub
    incident = stub.create()
    alert = connected.source.fire(new(incident))
    stub.delete(incident)
    gateway.resolve(alert)
    gateway.wait_for_close(alert, "failed")
    assert findings(gateway)["closes_failed"]["severity"] == "error"
    report = doctor(connected, command)
    assert report.returncode == 1
    assert "FAIL  closes: 1 failed, see: " in report.stdout, report.stdout
    assert "; none waits" in report.stdout, report.stdout
    # Whoever cancels it has seen to it.
    close = gateway.api("GET", f"/v1/alerts/{alert}").json()["close"]["id"]
    assert gateway.api("POST", f"/v1/closes/{close}/cancel").json()["state"] == "cancelled"
    assert "closes_failed" not in findings(gateway)


@pytest.mark.parametrize("path", ["/v1/alerts", "/metrics"])
def test_guessing_the_token_is_slowed_down(gateway: Gateway, path: str) -> None:
    def guess(token: str | None) -> Any:
        return request(gateway.address, "GET", path, token=token)

    # One token again and again is no guessing, nor is none.
    for _ in range(30):
        assert guess("an-old-token-of-a-script").status == 401
        assert guess(None).status == 401
    assert guess(gateway.token).status == 200
    statuses = [guess(f"guess-number-{number}").status for number in range(12)]
    assert statuses == [401] * 9 + [429] * 3
    answer = guess(gateway.token)
    assert_problem(answer, 429, "too_many_attempts")
    assert 0 < int(answer.header("Retry-After") or 0) <= 30
    assert request(gateway.address, "GET", "/healthz").status == 200
