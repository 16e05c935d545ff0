"""A machine of one core and 32 MiB, as stands in a cabinet at the edge."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from events_storm import StormOfEvents
from flood import Flood
from gateway import Gateway
from memory_limit import memory_limit
from payloads import EPOCH, new
from processes import Process
from stub import Stub
from waiting import eventually

LIMIT_BYTES = 32 << 20
# Stacks of threads are counted in full where there is no control group.
DATA_BYTES = 128 << 20
WEBHOOKS = 5000
CONNECTIONS = 16
CLOSES = 20


class OnOneCore(Gateway):
    """Waits, before it is the gateway, until it is let go: all its memory is then counted."""

    def _launch(self) -> Process:
        core = min(os.sched_getaffinity(0))
        script = f'kill -STOP $$; exec taskset -c {core} "$0" serve'
        return Process(
            ["sh", "-c", script, self.binary],
            directory=self.directory,
            name="gateway",
            settings=self.settings,
        )

    def let_go(self) -> None:
        eventually(lambda: state(self.process) == "T", "it waits")
        self.process.send(signal.SIGCONT)


def state(process: Process) -> str:
    return Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_32_mib_and_one_core_are_enough(
    binary: str, stub: Stub, tmp_path: Path, report: Callable[[str], None]
) -> None:
    gateway = OnOneCore(binary, tmp_path / "gateway", GATEWAY_LOG_LEVEL="info")
    with memory_limit(gateway.process, LIMIT_BYTES, data_size=DATA_BYTES) as limit:
        gateway.let_go()
        gateway.wait_until_ready()
        assert len(os.sched_getaffinity(gateway.process.pid)) == 1
        source = gateway.create_source(gateway.connect(stub).json()["id"])
        stub.send_webhooks(source.callback_url, source.secret)
        owed = [(incident, source.fire(new(incident, EPOCH))) for incident in incidents(stub)]
        started = time.monotonic()
        outcomes: Counter[int] = Counter()
        storm = StormOfEvents(source)
        with Flood(gateway.address, CONNECTIONS) as flood:
            for answer in flood.exchange(islice(storm, WEBHOOKS // 2)):
                outcomes[answer.status] += 1
            for _, alert_id in owed:
                gateway.resolve(alert_id)
            # Closes are made while webhooks come in.
            for answer in flood.exchange(islice(storm, WEBHOOKS // 2)):
                outcomes[answer.status] += 1
        rate = WEBHOOKS / (time.monotonic() - started)
        for incident_id, alert_id in owed:
            gateway.wait_for_close(alert_id, "confirmed", 60)
            assert not stub.is_active(incident_id)
        gateway.process.assert_running()
        assert limit.kills() == 0, "the kernel ended something"
        most = gateway.process.most_resident_kib()
        assert most <= LIMIT_BYTES >> 10, f"{most} KiB resident"
        assert gateway.stop() == 0
    assert set(outcomes) == {200}, outcomes
    report(
        f"one core and 32 MiB ({limit.kind}): {WEBHOOKS} webhooks, {rate:.0f} a second, and "
        f"{CLOSES} closes; {most / 1024:.1f} MiB resident at most, files it maps included"
    )


def incidents(stub: Stub) -> list[str]:
    return [stub.create(share=False) for _ in range(CLOSES)]
