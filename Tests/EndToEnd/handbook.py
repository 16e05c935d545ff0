"""Somebody who does what the operations handbook says, word by word."""

import shlex
from collections.abc import Callable

import runbook
from gateway import Gateway

UNIT = "bigpanda-gateway"


class Operator:
    """Types commands in one shell; `run` gets each with the variables that were set before.

    What the service manager is told is done to the gateway.
    """

    def __init__(self, gateway: Gateway, run: Callable[[str, dict[str, str]], str]) -> None:
        self.settings: dict[str, str] = {}
        self._gateway = gateway
        self._run = run
        self.type(*(line for line in self._lines("Install on an edge site") if "export" in line))
        assert len(self.settings) == 3, self.settings

    def follow(self, heading: str) -> str:
        """All that stands below a heading; what it printed."""
        return self.type(*self._lines(heading))

    def type(self, *lines: str) -> str:
        said = ""
        for line in lines:
            match shlex.split(line):
                case ["export", setting]:
                    name, _, value = setting.partition("=")
                    self.settings[name] = value
                case ["unset", name]:
                    del self.settings[name]
                case ["systemctl", order, unit]:
                    assert unit == UNIT and order in ("stop", "start", "restart"), line
                    if order != "start":
                        assert self._gateway.stop() == 0
                    if order != "stop":
                        self._gateway.start_again()
                case _:
                    said += self._run(line, self.settings)
        return said

    def _lines(self, heading: str) -> list[str]:
        found = runbook.commands(heading)
        assert found, f"no commands below {heading}"
        return found
