"""A machine of 128 MiB, and everybody who wants more of it than there is."""

import itertools
import json
import resource
from collections import Counter
from collections.abc import Callable

from conftest import Connected
from events_storm import StormOfEvents, encoded
from flood import Flood, webhook_request
from gateway import Source
from http_client import assert_problem
from memory_limit import memory_limit
from payloads import EPOCH, alert, event, incident, new, new_id
from slow_clients import SlowClients
from test_slow_clients import enough_descriptors, probe_seconds

__all__ = ["enough_descriptors"]

LIMIT_BYTES = 128 << 20
BODY_BYTES_MAX = 8 << 20
DATA_BYTES_SPARE = 56 << 20
SLOW_CLIENTS = 1000
LARGE_BODIES = 60
# For each of half of the large ones.
SMALL_BODIES = 100


def large_body(incident_id: str) -> bytes:
    """A payload of the largest size that is taken, of as many alerts as go into it."""
    one = len(json.dumps(alert())) + 2
    body = incident(incident_id, alerts=[alert() for _ in range((BODY_BYTES_MAX - 4000) // one)])
    return encoded(event("incident#new", body))


def numbers_body(incident_id: str) -> bytes:
    """What costs a parser most: values of two bytes each."""
    head = encoded(new(incident_id, EPOCH))[:-1] + b', "x": ['
    return head + b"1," * ((BODY_BYTES_MAX - len(head) - 10) // 2) + b"1]}"


def test_128_mib_are_enough(connected: Connected, report: Callable[[str], None]) -> None:
    gateway, source = connected.gateway, connected.source
    large = large_body("i" * 24)
    outcomes: Counter[tuple[str, int]] = Counter()
    promised: dict[str, str] = {}
    with memory_limit(gateway.process, LIMIT_BYTES) as limit:
        with SlowClients(source, SLOW_CLIENTS), Flood(gateway.address, 64) as flood:
            storm = iter(StormOfEvents(source))
            # Many large ones at once, then small ones with large ones between.
            at_once = (large_request(source, large) for _ in range(LARGE_BODIES // 2))
            mixed = itertools.chain.from_iterable(
                [*itertools.islice(storm, SMALL_BODIES), large_request(source, large)]
                for _ in range(LARGE_BODIES // 2)
            )
            for answer in flood.exchange(itertools.chain(at_once, mixed)):
                kind = answer.tag if isinstance(answer.tag, str) else "large"
                outcomes[kind, answer.status] += 1
                if isinstance(answer.tag, tuple) and answer.status == 200:
                    promised[answer.tag[0]] = json.loads(answer.body)["alert_id"]
                if answer.status == 503:
                    assert b"retry-after:" in answer.head.lower(), answer.head
            seconds = sorted(probe_seconds(gateway) for _ in range(50))
        numbers = [
            (("numbers", number), webhook_request(source, numbers_body(new_id())))
            for number in range(8)
        ]
        with Flood(gateway.address, 8) as flood:
            statuses = Counter(answer.status for answer in flood.exchange(numbers))
        gateway.process.assert_running()
        assert limit.kills() == 0, "the kernel ended something"
        most = gateway.process.most_resident_kib()
        assert most <= LIMIT_BYTES >> 10, f"{most} KiB resident"
        for incident_id, alert_id in promised.items():
            found = gateway.find_alert(incident_id)
            assert found is not None and found["id"] == alert_id, "acknowledged and gone"
        source.deliver(new(new_id(), EPOCH))
        report(
            f"128 MiB ({limit.kind}), {SLOW_CLIENTS} slow clients, "
            f"{SMALL_BODIES * LARGE_BODIES // 2} webhooks and {LARGE_BODIES} of 8 MiB: "
            f"{most / 1024:.0f} MiB resident at most, {outcomes['large', 200]} large ones taken, "
            f"{outcomes['large', 503]} refused; a probe takes {seconds[-1] * 1000:.1f} ms at most"
        )
        # It ends with the limit.
        gateway.ended_on_purpose = True
        assert gateway.process.stop() == 0
    small = {key: count for key, count in outcomes.items() if key[0] != "large"}
    assert {status for _, status in small} == {200}, small
    assert {status for kind, status in outcomes if kind == "large"} <= {200, 503}, outcomes
    # To read one takes 100 MiB that it could write, and writes a part of: too much for `data`.
    assert promised or limit.kind == "data", "no large one was taken"
    assert set(statuses) <= {400, 503}, statuses


def test_no_memory_to_read_a_body_is_no_fault_of_its_sender(source: Source) -> None:
    """Who gets a 400 doesn't send it again."""
    process = source.gateway.process
    body = large_body(new_id())
    # Room for the body, and none for what a parser sets aside to read it.
    size = (process.data_kib() << 10) + DATA_BYTES_SPARE
    before = resource.prlimit(process.pid, resource.RLIMIT_DATA)
    resource.prlimit(process.pid, resource.RLIMIT_DATA, (size, before[1]))
    answer = source.post(body)
    resource.prlimit(process.pid, resource.RLIMIT_DATA, before)
    assert_problem(answer, 503, "overloaded")
    assert answer.header("Retry-After") is not None
    assert source.post(body).status == 200


def large_request(source: Source, body: bytes) -> tuple[tuple[str], bytes]:
    incident_id = new_id()
    return (incident_id,), webhook_request(source, body.replace(b"i" * 24, incident_id.encode(), 1))
