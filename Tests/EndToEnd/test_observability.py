"""Metrics, alert rules, dashboard and runbook, and that they fit together."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

import promtool
from conftest import Connected
from http_client import request
from payloads import new, new_id
from tls import Certificate, TLSGateway
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
    # Until nothing changes by itself any more.
    gateway.wait_for_close(alert, "confirmed")
    assert source.post(new(new_id()), token="wrong").status == 401
    assert request(gateway.address, "GET", "/v1/alerts", token="wrong").status == 401
    return connected


@pytest.fixture
def tls(binary: str, tmp_path: Path) -> Iterator[TLSGateway]:
    """A gateway that has told nothing but what it serves."""
    gateway = TLSGateway(binary, tmp_path, Certificate(tmp_path / "tls"))
    yield gateway.wait_until_ready()
    gateway.process.kill()


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


# After one webhook, one close that was read back, and one wrong secret.
FIGURES = {
    'alerts{status="resolved"}': 1,
    'alerts{status="firing"}': 0,
    'closes{state="confirmed"}': 1,
    'closes{state="sent"}': 0,
    'closes{state="pending"}': 0,
    'webhooks_refused_total{reason="bad_secret"}': 1,
    'webhooks_refused_total{reason="not_json"}': 0,
    'admin_refused_total{reason="too_many_attempts"}': 0,
    'tls_handshakes_total{outcome="done"}': 0,
    "closes_heldINTEGRATION": 0,
    "integration_pausedINTEGRATION": 0,
    "rate_budget_waitingINTEGRATION": 0,
    "rate_budget_calls_per_second": 5,
    "refused_deliveries_dropped_total": 0,
    "store_up": 1,
    "streams": 0,
    "webhooks_waiting": 0,
}


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
        for sample, figure in FIGURES.items():
            assert value(text, own + sample.replace("INTEGRATION", integration)) == figure, sample
        assert value(text, own + "journal_bytes") > 100
        assert value(text, own + "store_free_bytes") > 1e6
        assert 1 <= value(text, own + "connections") <= 5
        assert 0 <= value(text, own + "oldest_owed_close_age_seconds") < 60
        assert 5 < value(text, "process_open_fds") < value(text, "process_max_fds")
        assert abs(value(text, "process_start_time_seconds") - time.time()) < 300
        assert 1e6 < value(text, "process_resident_memory_bytes") < 1e9
        assert 0 < value(text, "process_cpu_seconds_total") < 300
        assert 0 < value(text, own + "bigpanda_call_duration_seconds_sum") < 60
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


def test_what_rules_and_dashboard_name_is_there(used: Connected, tls: TLSGateway) -> None:
    path = f"/v1/integrations/{used.integration['id']}/canary"
    assert used.gateway.api("PUT", path).status == 200
    eventually(lambda: used.gateway.get(path)["last_run"], "a canary has ended")
    there = promtool.samples(exposition(used))
    secured = promtool.samples(tls.api("GET", "/metrics").body.decode())
    assert secured - there == {"bigpanda_gateway_tls_certificate_expiry_seconds"}
    there |= secured
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
    links = re.findall(r"runbook_url: RUNBOOK_URL#(\w+)$", promtool.RULES.read_text(), re.MULTILINE)
    assert links == [alert.lower() for alert in alerts]


def test_the_installer_says_where_the_runbook_is(tmp_path: Path) -> None:
    address = "https://wiki.example.com:8443/~ops/a%20b?page=runbook&v=1"
    written = tmp_path / "rules.yaml"
    written.write_bytes(subprocess.check_output([promtool.WRITE_RULES, address]))
    assert "SUCCESS" in promtool.promtool("check", "rules", str(written))
    rules = yaml.safe_load(written.read_text())["groups"][0]["rules"]
    links = [rule["annotations"]["runbook_url"] for rule in rules]
    assert links == [f"{address}#{alert.lower()}" for alert in promtool.alerts()]
    assert "RUNBOOK_URL" not in written.read_text()
    for wrong in ("", "wiki/runbook", "ftp://wiki/x", "https://", "https://w/x#y", "https://w/ x",
                  "https://w/{{x}}", 'https://w/"'):
        run = subprocess.run([promtool.WRITE_RULES, wrong], capture_output=True, text=True)
        assert run.returncode == 64 and not run.stdout and "write-rules: " in run.stderr, wrong
