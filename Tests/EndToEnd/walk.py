"""Somebody who types what the documents say, line by line, and reads what comes back."""

import os
import re
import socket
import subprocess
from pathlib import Path

import runbook
from blocks import Block
from processes import Process, environment, free_port
from waiting import eventually

# The listeners of the stub and of the gateway, as the documents have them.
LISTENERS = {"stub": "127.0.0.1:9090", "serve": "127.0.0.1:8080"}
# What begins ids: of integrations, sources, alerts, closes, deliveries, tokens, endpoints, and what
# they are told.
KINDS = "int|src|alt|cls|dlv|tok|whe|msg"
ID = re.compile(rf"\b(?:{KINDS})_[0-9a-z_]+\b")
# An id that a document leaves to whoever reads it.
GAP = re.compile(rf"\b({KINDS})_…")
CALLBACK_URL = re.compile(r"^Callback URL +(\S+)$", re.MULTILINE)
SECRET = re.compile(r"^HTTP header +Authorization: Bearer (\S+)$", re.MULTILINE)


class Person:
    """Types in one directory, where `bigpanda-gateway` is found.

    What stays until it is ended, as `serve` does, gets a terminal of its own.
    """

    def __init__(self, binary: str, directory: Path) -> None:
        self.directory = directory
        programs = directory / "programs"
        programs.mkdir()
        (programs / runbook.PROGRAM).symlink_to(binary)
        # What the documents leave open, and what is elsewhere here.
        self.words = {it: f"127.0.0.1:{free_port()}" for it in LISTENERS.values()}
        self.settings = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "GATEWAY_LISTEN": self.words[LISTENERS["serve"]],
            "GATEWAY_URL": "http://" + self.words[LISTENERS["serve"]],
        }
        # The last one of each kind that was printed, by what it begins with.
        self.ids: dict[str, str] = {}
        self.processes: dict[str, Process] = {}

    def type(self, block: Block) -> str:
        """Types a block; what was printed. Fails when a command does."""
        return "".join(self._type(line, block.name) for line in runbook.lines(block.text))

    def command(self, words: str) -> str:
        """Types one command of the program."""
        return self._type(f"{runbook.PROGRAM} {words}", "besides")

    def address(self, name: str) -> tuple[str, int]:
        """Where the stub, or the gateway, listens."""
        host, _, port = self.words[LISTENERS[name]].rpartition(":")
        return host, int(port)

    def _type(self, line: str, where: str) -> str:
        text = GAP.sub(lambda gap: self.ids[gap[1]], line)
        for word, own in self.words.items():
            text = text.replace(word, own)
        name = text.split()[1] if text.startswith(runbook.PROGRAM + " ") else ""
        if name in LISTENERS:
            self._start(name, text)
            return ""
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.directory, env=environment(self.directory, self.settings),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert result.returncode == 0, f"{where}: {text}\n{result.stdout}{result.stderr}"
        self._read(result.stdout)
        return result.stdout

    def _read(self, said: str) -> None:
        self.ids |= {name[:3]: name for name in ID.findall(said)}
        for word, pattern in (("CALLBACK_URL", CALLBACK_URL), ("SECRET", SECRET)):
            if found := pattern.search(said):
                self.words[word] = found[1]

    def _start(self, name: str, line: str) -> None:
        process = Process(
            line.split(), directory=self.directory, name=name, settings=self.settings
        )
        self.processes[name] = process
        def is_open() -> bool:
            process.give_up_if_ended()
            with socket.socket() as probe:
                return probe.connect_ex(self.address(name)) == 0

        eventually(is_open, f"{name} listens")
