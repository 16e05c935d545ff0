"""A process in what a unit leaves to it: files, devices, users, capabilities, system calls.

bubblewrap does what systemd would; where no systemd runs, nothing else can be asked for it.
"""

import os
import subprocess
from pathlib import Path

import call_filter
from processes import Process, environment
from unit_file import Unit
from waiting import eventually

# Who the process is, to itself.
USER = "65534"
# Where things are for the process; on a file system of its own, so anywhere.
STATE = Path("/run/bigpanda-gateway")
CREDENTIALS = Path("/run/credentials")
PROGRAM = "/run/program"


class Sandbox:
    """Makes commands that run a program as `unit` would, with `directory` for its files."""

    def __init__(self, unit: Unit, directory: Path, program: str) -> None:
        self._unit = unit
        self.directory = directory
        self.state = directory / "state"
        self.credentials = directory / "credentials"
        self._filter = directory / "filter"
        self._program = program
        self._processes = directory / "proc"
        for path in (self.state, self.credentials, self._processes):
            path.mkdir(parents=True)
        call_filter.write(unit, self._filter)

    def command(self, *arguments: str) -> list[str]:
        """`arguments` in the sandbox; the program stands at `PROGRAM` there."""
        # Only root can ask the kernel for a /proc with processes only.
        show = 'mount -t proc -o subset=pid,hidepid=invisible proc "$1"; shift; exec "$@" 9<"$0"'
        prefix = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", show]
        return [
            *[*prefix, str(self._filter), str(self._processes)],
            *["bwrap", "--seccomp", "9", *self._mounts()],
            *["--unshare-user", "--uid", USER, "--gid", USER, "--cap-drop", "ALL"],
            *["--unshare-ipc", "--unshare-uts", "--unshare-cgroup", "--die-with-parent"],
            *["--chdir", str(STATE), "--", *arguments],
        ]

    def _mounts(self) -> list[str]:
        unit = self._unit
        assert unit.one("ProtectSystem") == "strict" and unit.one("ProcSubset") == "pid"
        mounts = ["--ro-bind", "/", "/"]
        hidden = ["/run"]
        if unit.is_on("ProtectHome"):
            hidden += ["/home", "/root"]
        if unit.is_on("PrivateTmp"):
            hidden += ["/tmp", "/var/tmp"]
        # Before they are hidden: what they hold for the process.
        kept = {self.state: STATE, self.credentials: CREDENTIALS, self._program: PROGRAM}
        for path in hidden:
            mounts += ["--tmpfs", path]
        for source, target in kept.items():
            kind = "--bind" if source == self.state else "--ro-bind"
            mounts += [kind, str(source), str(target)]
        if unit.is_on("PrivateDevices"):
            mounts += ["--dev", "/dev"]
        return [*mounts, "--ro-bind", str(self._processes), "/proc"]

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            self.command(*arguments),
            env=environment(STATE),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def serve(self, **settings: str) -> Process:
        unit = self._unit
        files = unit.environment(state=STATE.parent, credentials=CREDENTIALS)
        command = unit.one("ExecStart").split()
        assert command == ["/usr/bin/bigpanda-gateway", "serve"], command
        return Process(
            self.command(PROGRAM, "serve"),
            directory=self.directory,
            name="gateway",
            settings=files | settings,
        )


def inner(process: Process) -> int:
    """The id of the program; the process that was started only waits for it."""

    def child() -> int:
        process.give_up_if_ended()
        path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        (number,) = path.read_text().split()
        assert os.readlink(f"/proc/{number}/exe") == PROGRAM
        return int(number)

    return eventually(child, "the program runs")
