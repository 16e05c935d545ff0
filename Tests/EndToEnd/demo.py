"""The demo, which stays up with a night behind it: the data of the pictures."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway import Gateway
from processes import Process
from waiting import eventually

CHECKOUT = "Checkout API: 5xx above 2 %"
BALANCER = "LB eu-west: 2 of 6 targets unhealthy"


class Demo(Gateway):
    """A gateway and a stub BigPanda in one process, as `make demo` leaves them running."""

    def __init__(self, binary: str, directory: Path) -> None:
        command = [binary, "demo", "--stay", "--listen", "127.0.0.1:0"]
        self.process = Process(command, directory=directory, name="demo")
        told = eventually(self._told, "the demo has been played")
        self.port = self.admin_port = int(told[1])
        self._token = Path(told[2]).read_text().strip()
        self.secrets = {self._token}

    def _told(self) -> re.Match[str] | None:
        self.process.give_up_if_ended()
        pattern = r"Gateway +http://127\.0\.0\.1:(\d+).*Admin token +in the file (\S+)"
        return re.search(pattern, self.process.out(), re.DOTALL)

    @property
    def token(self) -> str:
        return self._token

    def named(self, title: str) -> dict[str, Any]:
        """The alert of that title."""
        [alert] = [alert for alert in self.items("/v1/alerts") if alert["title"] == title]
        return alert


@contextmanager
def running(binary: str, directory: Path) -> Iterator[Demo]:
    demo = Demo(binary, directory)
    try:
        yield demo
        assert demo.process.stop() == 0
    finally:
        demo.process.kill()
