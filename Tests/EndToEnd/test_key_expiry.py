"""An API key that ends soon, as whoever runs the gateway hears of it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from command_line import CommandLine
from conftest import Connected
from waiting import eventually


@pytest.mark.parametrize(
    "days,expiry,words,is_good",
    [
        (40.5, None, "it ends in 40 days", True),
        (6.5, "within_7_days", "it ends in 6 days. Run:", False),
        (-1, "expired", "it ended at", False),
    ],
)
def test_log_and_doctor_tell_of_it(
    connected: Connected, days: float, expiry: str | None, words: str, is_good: bool
) -> None:
    gateway = connected.gateway
    end = (datetime.now(UTC) + timedelta(days=days)).isoformat()
    path = f"/v1/integrations/{connected.integration['id']}"
    assert gateway.api("PATCH", path, {"key_expires_at": end}).status == 200
    gateway.stop()
    gateway.start_again()
    if expiry:
        eventually(lambda: f'"expiry":"{expiry}"' in gateway.process.said(), "the log tells")
    assert gateway.process.said().count('"expiry"') == (1 if expiry else 0)
    told = {finding["code"] for finding in gateway.get("/v1/status")["findings"]}
    assert ("key_expiring" in told, "key_expired" in told) == (days == 6.5, days == -1), told
    line = CommandLine(gateway.binary, gateway.directory, gateway)
    findings = {item["check"]: item for item in json.loads(line.run("doctor", "--json").stdout)}
    finding = findings["key of integration production"]
    assert words in finding["detail"] and finding["ok"] == is_good, finding


def test_a_replaced_key_has_an_end_of_its_own(connected: Connected) -> None:
    gateway, path = connected.gateway, f"/v1/integrations/{connected.integration['id']}"
    line = CommandLine(gateway.binary, gateway.directory, gateway)
    assert gateway.api("PATCH", path, {"key_expires_at": "2020-01-31T00:00:00Z"}).status == 200
    replace = ["integration", "replace-key", connected.integration["id"]]
    for options, end in (
        (["--expires", "2040-01-31T00:00:00Z"], "2040-01-31T00:00:00.000Z"),
        ([], None),
    ):
        changed = line.json(*replace, *options, stdin=connected.stub.key)
        assert changed["key_expires_at"] == end, changed
        assert gateway.get(path)["key_expires_at"] == end
