"""The demo: an incident's life, told and checked, by itself when nobody watches."""

import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

from http_client import request
from processes import environment

STORY = ["incident#new", "incident#closed", "incident#reopen", "resolve"]
SECONDS_MAX = 60


def test_without_a_terminal_it_ends_by_itself(binary: str, tmp_path: Path) -> None:
    started = time.monotonic()
    result = subprocess.run(
        [binary, "demo"],
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    for word in STORY:
        assert word.lower() in result.stdout.lower(), f"{word} is not told:\n{result.stdout}"
    assert time.monotonic() - started < SECONDS_MAX


def test_two_demos_do_not_get_in_each_others_way(binary: str, tmp_path: Path) -> None:
    children = []
    for number in range(2):
        directory = tmp_path / str(number)
        directory.mkdir()
        children.append(
            subprocess.Popen(
                [binary, "demo"],
                cwd=directory,
                env=environment(directory),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        )
    for child in children:
        _, errors = child.communicate(timeout=SECONDS_MAX)
        assert child.returncode == 0, errors[-3000:]


class Terminal:
    """A pseudo-terminal with the demo on it."""

    def __init__(self, binary: str, directory: Path) -> None:
        self.seen = ""
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            os.execve(binary, [binary, "demo"], environment(directory, {"TERM": "xterm"}))

    def read_until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline:
            found = re.search(pattern, self.seen)
            if found:
                return found
            if select.select([self.descriptor], [], [], 0.1)[0]:
                try:
                    self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
                except OSError:
                    break
        raise AssertionError(f"no {pattern!r} on the terminal:\n{self.seen[-3000:]}")

    def wait(self) -> int:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            # Unread output would hold the program up.
            if select.select([self.descriptor], [], [], 0.05)[0]:
                try:
                    self.seen += os.read(self.descriptor, 65536).decode(errors="replace")
                except OSError:
                    pass
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = 0
                return os.waitstatus_to_exitcode(status)
        raise AssertionError(f"still running:\n{self.seen[-3000:]}")

    def end(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self.descriptor)


def test_on_a_terminal_it_stays_until_ctrl_c(binary: str, tmp_path: Path) -> None:
    terminal = Terminal(binary, tmp_path)
    try:
        command = terminal.read_until(r"curl [^\r\n]+")
        url = terminal.read_until(r"http://127\.0\.0\.1:(\d+)")
        assert "token" in terminal.seen.lower()
        port = int(url.group(1))
        assert request(("127.0.0.1", port), "GET", "/healthz").status == 200, command
        try_the_curl_line(command.group(0), tmp_path)
        os.write(terminal.descriptor, b"\x03")
        assert terminal.wait() == 0, terminal.seen[-3000:]
        assert is_closed(port)
    finally:
        terminal.end()


def try_the_curl_line(command: str, directory: Path) -> None:
    """The line that is printed to be tried works as it stands."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", command).strip()
    result: Any = subprocess.run(
        ["bash", "-c", plain],
        cwd=directory,
        env=environment(directory),
        capture_output=True,
        text=True,
        timeout=20,
    )
    assert result.returncode == 0 and '"items"' in result.stdout, (plain, result)


def is_closed(port: int) -> bool:
    try:
        request(("127.0.0.1", port), "GET", "/healthz", timeout=2)
        return False
    except OSError:
        return True
