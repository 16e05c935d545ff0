"""Instructions and allocations of a webhook, which no other load disturbs."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gateway import Gateway
from peers import connected
from plan import Plan
from stub import Stub
from webhook_cost import under_callgrind, webhook_cost


def instructions(plan: Plan) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        directory = Path(place)
        stub = Stub(plan.binary, directory / "stub")
        program = under_callgrind(plan.binary, directory / "counted")
        gateway = Gateway(program, directory / "gateway", GATEWAY_LOG_LEVEL="info")
        try:
            gateway.wait_until_ready()
            source = connected(gateway, stub)
            return asdict(webhook_cost(gateway, source, directory / "counted"))
        finally:
            gateway.kill()
            stub.process.kill()
