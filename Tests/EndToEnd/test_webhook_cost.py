"""A webhook costs no more than it did: instructions and allocations, which no load disturbs."""

import json
import shutil
from pathlib import Path

from gateway import Gateway
from stub import Stub
from webhook_cost import under_callgrind, webhook_cost

FIGURES = Path(__file__).parent / "webhook_cost.json"

# Runs differ by about 1 %: by how many webhooks share a transaction, which depends on what the
# threads do at the same time, and by how hash tables fall out, whose seeds are random.
WORSE_MAX = 1.05
# Whoever makes it cheaper writes the new figures down, so that the gain can't be lost unseen.
BETTER_MAX = 0.90


def test_a_webhook_costs_what_it_did(binary: str, stub: Stub, tmp_path: Path) -> None:
    assert shutil.which("valgrind"), "install valgrind: .ci/install"
    directory = tmp_path / "counted"
    # Nothing is said of each webhook, as in production.
    gateway = Gateway(
        under_callgrind(binary, directory), tmp_path / "gateway", GATEWAY_LOG_LEVEL="info"
    )
    try:
        gateway.wait_until_ready()
        integration = gateway.connect(stub)
        assert integration.status == 201, integration
        source = gateway.create_source(integration.json()["id"])
        cost = webhook_cost(gateway, source, directory)
    finally:
        gateway.kill()
    for name, usual in json.loads(FIGURES.read_text()).items():
        seen = getattr(cost, name)
        assert seen <= usual * WORSE_MAX, f"{name}: {seen:,.1f} a webhook instead of {usual:,}"
        assert seen >= usual * BETTER_MAX, (
            f"{name}: {seen:,.1f} a webhook instead of {usual:,}; write that into {FIGURES.name}"
        )
