"""Requests made up from the OpenAPI document: no answer may differ from what it says."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import schemathesis_run
from conftest import Connected, connect
from gateway import Gateway
from outbound import make_endpoint
from payloads import closed, new, new_id
from spoiling_proxy import SPOILS, SpoilingProxy
from stub import Stub
from test_roles import make

# Requests in all; the long form makes 20,000.
REQUESTS_MIN = int(os.environ.get("GATEWAY_FUZZ_REQUESTS", "1500"))
# About 30 operations get so many each, half of what they may: some run out of cases before.
EXAMPLES = REQUESTS_MIN // 15 if REQUESTS_MIN > 2000 else 26
SECONDS_MAX = 150.0 if REQUESTS_MIN <= 2000 else 3600.0


@pytest.fixture
def isolated(start_gateway: Callable[..., Gateway], stub: Stub) -> Connected:
    """Were an address other than the stub's called all the same, nobody would answer."""
    stub.settings(rate_per_second=0)
    # Those who try tokens at sign-in seem to come from elsewhere: see schemathesis_hooks.
    gateway = start_gateway(https_proxy="http://127.0.0.1:9", GATEWAY_TRUSTED_PROXIES="127.0.0.1")
    return connect(gateway, stub)


def aim(connected: Connected) -> dict[str, Any]:
    """One of everything, for generated requests to name."""
    gateway, source = connected.gateway, connected.source
    integrations = [connected.integration["id"]]
    for number in range(11):
        answer = gateway.connect(connected.stub, name=f"more {number}")
        assert answer.status == 201, answer
        integrations.append(answer.json()["id"])
    # Those that may change and go are not the one that webhooks come through.
    sources = [gateway.create_source(integrations[0], f"more {n}").id for n in range(12)]
    tokens = [make(gateway, f"token {n}", "viewer")["id"] for n in range(9)]
    # The proxy, on this machine, is an address that webhooks may not go to: nothing leaves it.
    endpoints = [make_endpoint(gateway, f"https://{n}.example/hook") for n in range(8)]
    told = {endpoint.id: [endpoint.post("/test")["id"]] for endpoint in endpoints}
    alerts = [source.fire(new(new_id())) for _ in range(6)]
    gateway.resolve(alerts[0])
    gateway.resolve(alerts[1], "a comment")
    assert source.post(closed(new_id(), 5)).status == 200
    assert source.post(b"{").status == 400
    closes = [item["id"] for item in gateway.items("/v1/closes")]
    deliveries = [item["id"] for item in gateway.items("/v1/deliveries")]
    assert len(closes) == 2 and len(deliveries) >= 7
    return {
        "ids": {
            "alerts": alerts,
            "closes": closes,
            "deliveries": deliveries,
            "integrations": integrations[:6],
            "sources": sources[:4],
            "tokens": tokens[:3],
            "bigpanda": [source.id],
            "webhook-endpoints": list(told)[:3],
        },
        "told": told,
        "spare": {
            "integrations": integrations[6:],
            "sources": sources[4:],
            "tokens": tokens[3:],
            "webhook-endpoints": list(told)[3:],
        },
        "protected": [source.id],
        "base_url": connected.stub.base_url,
        "api_key": connected.stub.key,
    }


def test_no_answer_differs_from_the_document(
    isolated: Connected, tmp_path: Path, report: Callable[[str], None]
) -> None:
    gateway = isolated.gateway
    url = f"http://127.0.0.1:{gateway.port}"
    began = time.monotonic()
    outcome = schemathesis_run.run(
        tmp_path / "fuzz",
        url,
        isolated.source,
        aim(isolated),
        f"--max-examples={EXAMPLES}",
        "--continue-on-failure",
        "--request-timeout=20",
        seconds=SECONDS_MAX,
    )
    seconds = time.monotonic() - began
    assert outcome.status == 0, outcome.said[-20_000:]
    assert outcome.requests >= REQUESTS_MIN, outcome.counts
    # It came past the guards: things were made, changed, found wrong and refused.
    for status in ("200", "201", "204", "400", "401", "404", "405", "409", "415", "422"):
        assert outcome.counts.get(status), (status, outcome.counts)
    assert not [status for status in outcome.counts if status.startswith("5")], outcome.counts
    assert gateway.get("/readyz")["status"] == "ready"
    report(f"OpenAPI: {outcome.requests} made-up requests in {seconds:.0f} s, 0 failures")


@pytest.mark.parametrize("spoil", SPOILS)
def test_an_answer_that_differs_is_noticed(
    isolated: Connected, tmp_path: Path, spoil: str
) -> None:
    with SpoilingProxy(isolated.gateway.address, spoil, "/v1/alerts") as proxy:
        outcome = schemathesis_run.run(
            tmp_path / "fuzz",
            proxy.url,
            isolated.source,
            aim(isolated),
            "--include-path=/v1/alerts",
            "--max-examples=3",
            "--phases=examples,fuzzing",
            seconds=60,
        )
    assert outcome.status == 1, outcome.said[-5000:]
    assert SPOILS[spoil] in outcome.said, outcome.said[-5000:]
