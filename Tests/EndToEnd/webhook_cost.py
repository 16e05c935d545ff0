"""What a webhook costs the gateway, in figures that do not depend on how busy the machine is.

The gateway runs under callgrind, which counts the instructions that it executes. Webhooks come in
rounds: one on each of some connections, and the next round when all are answered.
"""

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from gateway import Gateway, Source
from processes import Process

CONNECTIONS = 32
WARM_ROUNDS = 4
ROUNDS = 10
RESULT = "callgrind.out"


@dataclass(frozen=True)
class Cost:
    """Of one webhook, on average."""

    instructions: float
    # Calls of malloc and its kin.
    allocations: float


def under_callgrind(binary: str, directory: Path) -> str:
    """A program that runs the gateway and counts what it does."""
    directory.mkdir(parents=True, exist_ok=True)
    # Without what is for debuggers, of which the distribution's valgrind can't read all.
    bare = directory / "gateway-without-debug-info"
    subprocess.run(["strip", "--strip-debug", "-o", str(bare), binary], check=True)
    program = directory / "counted"
    program.write_text(
        "#!/bin/sh\n"
        "exec valgrind --quiet --tool=callgrind --combine-dumps=yes "
        f"'--callgrind-out-file={directory / RESULT}' '{bare}' \"$@\"\n"
    )
    program.chmod(0o755)
    return str(program)


def webhook_cost(gateway: Gateway, source: Source, directory: Path) -> Cost:
    """Of a gateway that `under_callgrind` with this directory runs; can be asked once."""
    with ExitStack() as stack:
        connections = [
            stack.enter_context(socket.create_connection(gateway.address, timeout=120))
            for _ in range(CONNECTIONS)
        ]
        requests = webhooks(source)
        send_rounds(connections, requests, WARM_ROUNDS)  # Statements, caches: all is there now.
        control(gateway.process, "--zero")
        send_rounds(connections, requests, ROUNDS)
        control(gateway.process, "--dump")
    told = (directory / RESULT).read_text()
    total = re.search(r"^totals: (\d+)", told, re.MULTILINE)
    assert total is not None, told[-500:]
    count = ROUNDS * CONNECTIONS
    return Cost(instructions=int(total.group(1)) / count, allocations=allocations(told) / count)


def control(process: Process, what: str) -> None:
    told = subprocess.run(
        ["callgrind_control", what, str(process.pid)], capture_output=True, text=True, timeout=60
    )
    assert "OK" in told.stdout, told


def send_rounds(
    connections: list[socket.socket], requests: Iterator[bytes], rounds: int
) -> None:
    for _ in range(rounds):
        for connection in connections:
            connection.sendall(next(requests))
        for connection in connections:
            answer = connection.recv(65536)
            assert answer.startswith(b"HTTP/1.1 200 "), answer


def webhooks(source: Source) -> Iterator[bytes]:
    """Of about 1.2 KB as BigPanda sends them: four new incidents, then an update of the last."""
    sent = 0
    while True:
        sent += 1
        is_update = sent % 5 == 0
        body = payload("incident#updated" if is_update else "incident#new", sent, sent - is_update)
        yield (
            f"POST {source.path} HTTP/1.1\r\nHost: gateway.example.org\r\n"
            f"Authorization: Bearer {source.secret}\r\nContent-Type: application/json\r\n"
            f"User-Agent: BigPanda\r\nAccept: */*\r\nContent-Length: {len(body)}\r\n\r\n"
        ).encode() + body


def payload(event: str, number: int, incident: int) -> bytes:
    name, at = f"6512c0ffee{incident:014x}", 1790000000 + number
    text = "CPU load is above 95 % on this host for five minutes"
    tags = {
        "host": f"db-{number}.prod.example.org", "check": "cpu", "cluster": "payments-eu-west-1",
        "runbook": "https://runbooks.example.org/cpu-load",
        "description": f"{text}; the runbook says what to look at first, what to do next, and "
        "whom to call",
        "service": "checkout", "region": "eu-west-1", "owner": "sre-payments@example.org",
    }
    listed = ",".join(f'{{"name":"{key}","value":"{value}"}}' for key, value in tags.items())
    return (
        f'{{"event":"{event}","incident":{{"id":"{name}","status":"critical",'
        f'"severity":"critical","active":true,"flapping":false,"snooze":{{"snoozed":false}},'
        f'"startedOn":{at},"changedOn":{at},"updatedOn":{at},'
        '"environments":["63bd568809cb331300ffa555"],"incidentTags":[{"id":"priority",'
        '"value":"P1"},{"id":"team","value":"payments"}],'
        f'"alerts":[{{"id":"a{name}","status":"critical","description":"{text}",'
        '"primaryProperty":"host","secondaryProperty":"check","source_system":"nagios.main",'
        f'"startedOn":{at},"changedOn":{at},"tags":[{listed}]}}],'
        f'"links":{{"self":"https://a.bigpanda.io/#/app/incidents/{name}"}}}}}}'
    ).encode()


ALLOCATORS = {"malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc"}


def allocations(told: str) -> int:
    """How often something was allocated, by a function that is not an allocator itself."""
    names: dict[str, str] = {}
    functions = {"fn": "", "cfn": ""}
    count = 0
    for line in told.splitlines():
        # A name is written out once; a number stands for it from then on.
        if named := re.fullmatch(r"(c?fn)=(\(\d+\)) ?(.*)", line):
            kind, number, name = named.groups()
            functions[kind] = names.setdefault(number, name)
        elif line.startswith("calls="):
            if functions["cfn"] in ALLOCATORS and functions["fn"] not in ALLOCATORS:
                count += int(line.removeprefix("calls=").split()[0])
    return count
