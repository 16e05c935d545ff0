"""HAProxy in front of gateways: a real process on a loopback port, and what it says of them."""

import csv
import io
import os
import shutil
import socket
from pathlib import Path

from gateway import Gateway
from http_client import Address, request
from processes import Process
from waiting import eventually

# Checks often enough that the second for which a stopping gateway still serves holds several.
CHECK = "check inter 100ms fall 1 rise 1"

CONFIGURATION = """
global
    maxconn 500
defaults
    mode http
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout check 5s
    retries 3
    # A repeated webhook changes nothing, so one that got no answer may go to another gateway.
    option redispatch 1
    retry-on conn-failure empty-response
frontend public
    bind fd@{public}
    unique-id-format %[rand(1000000)]
    default_backend gateways
backend gateways
    balance roundrobin
    http-reuse always
    option httpchk GET /readyz
    {options}
{servers}
frontend statistics
    bind fd@{statistics}
    stats enable
    stats uri /
"""


class HAProxy:
    """Balances over the gateways in the order given, which it calls g0, g1 and so on."""

    def __init__(
        self, directory: Path, *gateways: Gateway, options: str = "", server: str = "",
        port: int = 0,
    ) -> None:
        directory.mkdir(parents=True)
        # Sockets that are bound here and handed down: no other process can take the ports.
        with listener(port) as public, listener() as statistics:
            servers = [
                f"    server g{index} 127.0.0.1:{gateway.port} {CHECK} {server}"
                for index, gateway in enumerate(gateways)
            ]
            (directory / "haproxy.cfg").write_text(
                CONFIGURATION.format(
                    public=public.fileno(),
                    statistics=statistics.fileno(),
                    options=options,
                    servers="\n".join(servers),
                )
            )
            self.address: Address = public.getsockname()
            self._statistics: Address = statistics.getsockname()
            self.process = Process(
                [program(), "-db", "-f", "haproxy.cfg"],
                directory=directory,
                name="haproxy",
                pass_fds=(public.fileno(), statistics.fileno()),
            )
        for index in range(len(gateways)):
            self.wait_for(index, "UP")

    def figures(self, index: int) -> dict[str, str]:
        """What its statistics say of a gateway."""
        self.process.give_up_if_ended()
        answer = request(self._statistics, "GET", "/;csv")
        assert answer.status == 200, answer
        rows = csv.DictReader(io.StringIO(answer.body.decode().removeprefix("# ")))
        return next(
            row for row in rows if (row["pxname"], row["svname"]) == ("gateways", f"g{index}")
        )

    def wait_for(self, index: int, state: str) -> dict[str, str]:
        def reached() -> dict[str, str] | None:
            try:
                figures = self.figures(index)
            except OSError:
                return None
            # It is taken for UP until the first check says otherwise.
            is_checked = figures["check_status"] not in ("", "INI")
            return figures if figures["status"] == state and is_checked else None

        return eventually(reached, f"HAProxy finds g{index} {state}")

    def reasons_for_down(self) -> list[str]:
        """Why it took gateways out, oldest first."""
        return [line for line in self.process.said().splitlines() if " is DOWN, reason: " in line]


def program() -> str:
    found = shutil.which("haproxy", path=os.environ.get("PATH", "") + ":/usr/sbin")
    assert found, "haproxy is missing; run: make install"
    return found


def listener(port: int = 0) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind(("127.0.0.1", port))
    bound.listen(128)
    return bound
