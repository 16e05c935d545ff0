"""A synthetic incident that goes the whole way, and who is told when it does not."""

from collections.abc import Callable
from typing import Any

from command_line import CommandLine
from conftest import Connected, connect, on_both_stores
from gateway import Gateway
from http_client import assert_problem
from processes import free_port
from stub import Stub
from test_status import findings
from waiting import eventually


def path(connected: Connected) -> str:
    return f"/v1/integrations/{connected.integration['id']}/canary"


def switch_on(connected: Connected) -> dict[str, Any]:
    """What became of the first canary."""
    gateway = connected.gateway
    answer = gateway.api("PUT", path(connected), {"interval_seconds": 60})
    assert answer.status == 200 and answer.json()["enabled"], answer
    return eventually(lambda: gateway.get(path(connected))["last_run"], "a canary has ended")


def gauges(gateway: Gateway) -> dict[str, float]:
    lines = gateway.api("GET", "/metrics").body.decode().splitlines()
    canary = [line.split(" ") for line in lines if line.startswith("bigpanda_gateway_canary_")]
    return {name.removeprefix("bigpanda_gateway_canary_"): float(value) for name, value in canary}


@on_both_stores
def test_a_canary_goes_all_the_way(connected: Connected, tmp_path: Any) -> None:
    gateway, stub = connected.gateway, connected.stub
    assert gateway.get(path(connected)) == {
        "enabled": False, "interval_seconds": None, "state": None, "last_passed_at": None,
        "last_run": None,
    }
    stub.forget_calls()
    run = switch_on(connected)
    assert run["failed_hop"] is None and run["reason"] is None, run
    assert [hop["hop"] for hop in run["hops"]] == ["webhook", "resolve", "close", "confirm"]

    # What a person sees: nothing, unless asked for.
    assert gateway.items("/v1/alerts") == []
    (alert,) = gateway.items("/v1/alerts?include=canary")
    assert alert["id"] == run["alert_id"] and alert["canary"] is True
    assert alert["incident_id"].startswith("canary-") and alert["status"] == "resolved"
    assert alert["close"]["state"] == "confirmed", alert
    assert [source["name"] for source in gateway.items("/v1/sources")] == ["BigPanda"]
    assert_problem(gateway.api("GET", "/v1/alerts?include=x"), 400, "invalid_filter")

    # What BigPanda saw: a close of what it does not know, and the reading back.
    calls = [(call["method"], call["status"]) for call in stub.calls()]
    assert calls == [("POST", 404), ("GET", 200), ("GET", 404)], stub.calls()
    assert len(stub.resolves(alert["incident_id"])) == 1

    integration = connected.integration["id"]
    told = gauges(gateway)
    assert told[f'up{{integration="{integration}"}}'] == 1
    assert told[f'passed_timestamp_seconds{{integration="{integration}"}}'] > 1e9
    assert told[f'hop_seconds{{integration="{integration}",hop="webhook"}}'] > 0
    shown = CommandLine(gateway.binary, tmp_path, gateway).run(
        "integration", "canary", integration
    ).stdout
    assert "passed, every 60 s" in shown and "confirm" in shown, shown

    # Off and on again it is as before, with its alerts hidden all the while.
    assert gateway.api("DELETE", path(connected)).status == 204
    assert gateway.items("/v1/alerts") == [] and gauges(gateway) == {}
    again = switch_on(connected)
    assert again["reason"] is None and again["alert_id"] != run["alert_id"], again

    # It does not stand in the way of its integration's end.
    source = connected.source.id
    assert gateway.api("DELETE", f"/v1/sources/{source}").status == 204
    assert gateway.api("DELETE", f"/v1/integrations/{integration}").status == 204


def test_a_canary_that_does_not_come_in_is_told(
    start_gateway: Callable[..., Gateway], stub: Stub, tmp_path: Any
) -> None:
    connected = connect(
        start_gateway(GATEWAY_PUBLIC_URL=f"http://127.0.0.1:{free_port()}"), stub)
    gateway = connected.gateway
    run = switch_on(connected)
    assert run["failed_hop"] == "webhook" and run["reason"] and run["alert_id"] is None, run
    finding = findings(gateway)["canary_failed"]
    assert finding["severity"] == "error" and "webhook" in finding["seen"], finding
    integration = connected.integration["id"]
    assert gauges(gateway)[f'up{{integration="{integration}"}}'] == 0
    command = CommandLine(gateway.binary, tmp_path, gateway)
    assert "FAIL" in command.run("doctor").stdout
    off = command.run("integration", "canary", integration, "--off")
    assert off.returncode == 0 and "off" in off.stdout, off
    assert "canary_failed" not in findings(gateway) and gauges(gateway) == {}


def test_a_canary_whose_close_is_forbidden_holds_no_real_one_up(connected: Connected) -> None:
    gateway, stub = connected.gateway, connected.stub
    stub.fault("resolve", "status", status=403)
    run = switch_on(connected)
    assert run["failed_hop"] == "close" and "403" in run["reason"], run
    assert gateway.get(f"/v1/integrations/{connected.integration['id']}")["state"] == "connected"
    told = findings(gateway)
    assert "canary_failed" in told and "closes_failed" not in told, told
