"""Starting, watching and ending the programs under test."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

# Product contract: SIGTERM and SIGINT end the process within 10 s.
STOP_SECONDS_MAX = 10.0


def free_port() -> int:
    """A port that nothing listens on at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path, settings: dict[str, str] | None = None) -> dict[str, str]:
    """Nothing of the caller's environment but the search path, so that no proxy interferes."""
    base = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(home), "LANG": "C.UTF-8"}
    return base | (settings or {})


class Process:
    """A child whose output goes to files, so that it can neither block nor be lost."""

    def __init__(
        self,
        arguments: list[str],
        *,
        directory: Path,
        name: str,
        settings: dict[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
        user: int | None = None,
        group: int | None = None,
    ) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.out_path = directory / f"{name}.out"
        self.err_path = directory / f"{name}.err"
        # Appended to, so that a restart keeps what was said before.
        with self.out_path.open("ab") as out, self.err_path.open("ab") as err:
            self.started_at = self._signalled_at = time.monotonic()
            self.child = subprocess.Popen(
                arguments,
                cwd=directory,
                env=environment(directory, settings),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                pass_fds=pass_fds,
                start_new_session=True,
                user=user,
                group=group,
            )

    @property
    def pid(self) -> int:
        return self.child.pid

    @property
    def is_running(self) -> bool:
        return self.child.poll() is None

    def said(self) -> str:
        """Everything on standard output and error so far."""
        return self.out() + self.err_path.read_text(errors="replace")

    def out(self) -> str:
        return self.out_path.read_text(errors="replace")

    def assert_running(self) -> None:
        status = self.child.poll()
        assert status is None, f"ended with {status}:\n{self.said()[-3000:]}"

    def resident_kib(self) -> int:
        return self._status_kib("VmRSS")

    def most_resident_kib(self) -> int:
        """The most since `forget_most_resident`, however short it lasted."""
        return self._status_kib("VmHWM")

    def data_kib(self) -> int:
        """What it may write to, used or not."""
        return self._status_kib("VmData")

    def forget_most_resident(self) -> None:
        # Source: proc(5), clear_refs.
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _status_kib(self, name: str) -> int:
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1])
        raise AssertionError(f"no {name}")

    def kill(self) -> None:
        """As a power cut would: no clean-up of its own."""
        if self.is_running:
            self.child.kill()
        self.child.wait(timeout=STOP_SECONDS_MAX)

    def send(self, number: int) -> None:
        self._signalled_at = time.monotonic()
        self.child.send_signal(number)

    def seconds_since_signal(self) -> float:
        return time.monotonic() - self._signalled_at

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Asks it to end and returns its exit status; fails when it takes longer than promised."""
        if self.is_running:
            self.send(number)
        return self.wait()

    def wait(self, seconds: float = STOP_SECONDS_MAX) -> int:
        try:
            return self.child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            raise AssertionError(f"still running after {seconds:g} s:\n{self.said()[-3000:]}")

    def give_up_if_ended(self) -> None:
        """Ends a wait at once when the program has died: waiting on would not help."""
        status = self.child.poll()
        if status is not None:
            raise RuntimeError(f"ended with {status}:\n{self.said()[-3000:]}")
