"""Prometheus's own tool, from the distribution, and what the files beside it name."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

DIRECTORY = Path(__file__).parents[2] / "deploy" / "observability"
RULES = DIRECTORY / "alerts.yaml"
WRITE_RULES = DIRECTORY / "write-rules"
RULE_TESTS = DIRECTORY / "alerts-test.yaml"
DASHBOARD = DIRECTORY / "grafana-dashboard.json"
RUNBOOK = DIRECTORY.parents[1] / "docs" / "runbook.md"

NAME = re.compile(r"\b(?:bigpanda_gateway|process)_[a-z0-9_]+\b")


def promtool(*arguments: str, given: bytes | None = None) -> str:
    """Runs it; anything that it has to say against what it looks at fails."""
    run = subprocess.run(["promtool", *arguments], input=given, capture_output=True, timeout=60)
    said = (run.stdout + run.stderr).decode()
    assert run.returncode == 0, said
    return said


def dashboard() -> dict[str, Any]:
    return json.loads(DASHBOARD.read_text())


def expressions() -> list[str]:
    """All queries of the dashboard."""
    panels = dashboard()["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def names(text: str) -> set[str]:
    """The metrics that a text names."""
    return set(NAME.findall(text))


def alerts() -> list[str]:
    return re.findall(r"^ +- alert: (\w+)$", RULES.read_text(), re.MULTILINE)


def samples(exposition: str) -> set[str]:
    """The names of all samples, those of a histogram with their endings."""
    lines = (line for line in exposition.splitlines() if line and line[0] != "#")
    return {re.split(r"[ {]", line)[0] for line in lines}
