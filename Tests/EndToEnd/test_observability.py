"""Metrics, alert rules, dashboard and runbook, and that they fit together."""

import re
from collections.abc import Callable

import pytest

import promtool
from conftest import Connected
from http_client import request
from payloads import new, new_id
from waiting import eventually


@pytest.fixture
def used(connected: Connected) -> Connected:
    """A gateway of which every metric has something to tell."""
    gateway, source = connected.gateway, connected.source
    fields = {"key_expires_at": "2099-01-01T00:00:00Z"}
    path = f"/v1/integrations/{connected.integration['id']}"
    assert gateway.api("PATCH", path, fields).status == 200
    alert = source.fire(new(connected.stub.create()))
    gateway.resolve(alert)
    gateway.wait_for_close(alert, "sent")
    assert source.post(new(new_id()), token="wrong").status == 401
    assert request(gateway.address, "GET", "/v1/alerts", token="wrong").status == 401
    return connected


def exposition(connected: Connected) -> str:
    return connected.gateway.api("GET", "/metrics").body.decode()


def value(text: str, sample: str) -> float:
    [found] = re.findall(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
    return float(found)


def test_the_metrics_are_clean(used: Connected, report: Callable[[str], None]) -> None:
    text = exposition(used)
    assert promtool.promtool("check", "metrics", given=text.encode()).strip() == ""
    families = text.count("# TYPE ")
    report(f"promtool check metrics: nothing to say about {families} families")
    assert families > 30
    with pytest.raises(AssertionError):
        promtool.promtool("check", "metrics", given=b"a_total{b=} x\n")


def test_what_happened_is_counted_once(used: Connected) -> None:
    def is_counted() -> bool:
        text, own = exposition(used), "bigpanda_gateway_"
        for stage in ("committed", "answered"):
            name = f'{own}webhook_duration_seconds_count{{stage="{stage}"}}'
            assert value(text, name) == 1, text
        assert value(text, own + 'webhooks_total{outcome="created"}') == 1
        for name in ("batch_webhooks_sum", "batch_webhooks_count", "commit_seconds_count"):
            assert value(text, own + "store_" + name) == 1, name
        assert 0 < value(text, own + "store_commit_seconds_sum") < 10
        step = own + 'close_steps_total{reason="accepted",state="sent"}'
        assert value(text, step) == 1
        assert value(text, own + f'wrong_secrets_total{{source="{used.source.id}"}}') == 1
        assert value(text, own + 'admin_refused_total{reason="wrong_token"}') == 1
        assert value(text, own + "loop_lag_seconds_count") > 0
        assert value(text, own + 'bigpanda_calls_total{result="ok"}') == value(
            text, own + "bigpanda_call_duration_seconds_count"
        )
        integration = f'{{integration="{used.integration["id"]}"}}'
        assert value(text, own + "rate_budget_calls_total" + integration) > 1
        assert value(text, own + "key_expiry_seconds" + integration) > 1e9
        assert value(text, "process_open_fds") > 5
        return True

    eventually(is_counted, "everything is counted")


def test_rules_fire_when_they_should(report: Callable[[str], None]) -> None:
    said = promtool.promtool("check", "rules", str(promtool.RULES))
    assert f"{len(promtool.alerts())} rules found" in said
    assert "SUCCESS" in promtool.promtool("test", "rules", str(promtool.RULE_TESTS))
    cases = promtool.RULE_TESTS.read_text()
    tested = re.findall(r"^  - name: (\w+) (?:fires|keeps quiet)$", cases, re.MULTILINE)
    assert sorted(tested) == sorted(promtool.alerts() * 2)
    report(f"promtool test rules: {len(promtool.alerts())} alerts, {len(tested)} cases")


def test_what_rules_and_dashboard_name_is_there(used: Connected) -> None:
    there = promtool.samples(exposition(used))
    rules = promtool.names(promtool.RULES.read_text())
    panels = set().union(*(promtool.names(text) for text in promtool.expressions()))
    assert len(rules) > 10 and len(panels) > 25
    assert rules - there == set()
    # `label_values(…)` of the dashboard names one of them, too.
    assert panels - there == set()
    # And nothing that is told is shown nowhere, but for what others watch.
    families = {re.sub(r"_(bucket|sum|count)$", "", name) for name in there}
    shown = {re.sub(r"_(bucket|sum|count)$", "", name) for name in rules | panels}
    assert families - shown == {"process_start_time_seconds"}


def test_the_runbook_knows_every_alert() -> None:
    text = promtool.RUNBOOK.read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    alerts = promtool.alerts()
    assert list(sections) == alerts
    for alert, body in sections.items():
        for part in ("**Meaning.**", "**Impact.**", "**What to do.**"):
            assert body.count(part) == 1, (alert, part)
    rules = promtool.RULES.read_text()
    links = re.findall(r"runbook_url: docs/runbook\.md#(\w+)", rules)
    assert links == [alert.lower() for alert in alerts]
