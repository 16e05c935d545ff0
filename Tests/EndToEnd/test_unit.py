"""The unit: how little it leaves to the gateway, and that this is enough for it."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

import runbook
import unit_file
from gateway import Gateway
from payloads import new, new_id
from processes import Process
from sandbox import PROGRAM, Sandbox, inner
from service_manager import ServiceManager
from stub import Stub
from unit_file import Unit
from waiting import eventually

# Tenths: what the design allows.
EXPOSURE_MAX = 12
ALERTS = 20
PYTHON = os.path.realpath(sys.executable)


@pytest.fixture
def unit() -> Unit:
    return Unit(unit_file.SERVICE)


def analyze(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = ["systemd-analyze", "--no-pager", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def exposure(path: Path) -> "subprocess.CompletedProcess[str]":
    return analyze("security", "--offline=true", f"--threshold={EXPOSURE_MAX}", str(path))


def test_exposure(report: Callable[[str], None], tmp_path: Path) -> None:
    result = exposure(unit_file.SERVICE)
    assert result.returncode == 0, result.stdout + result.stderr
    report(f"systemd: {result.stdout.strip().splitlines()[-1].lstrip('→ ')}")
    # The same with one line less is too much.
    weaker = tmp_path / unit_file.SERVICE.name
    text = unit_file.SERVICE.read_text()
    line = "\nSystemCallFilter=~@privileged @resources\n"
    assert line in text
    weaker.write_text(text.replace(line, "\n"))
    assert exposure(weaker).returncode != 0, "the threshold catches nothing"


def test_systemd_reads_every_line(binary: str, tmp_path: Path) -> None:
    """Nothing is misspelled: systemd only warns of what it doesn't know, and leaves it out."""
    for path in (unit_file.SERVICE, unit_file.SOCKET):
        text = path.read_text().replace("/usr/bin/bigpanda-gateway", binary)
        (tmp_path / path.name).write_text(text)
    # With what the handbook has an operator add to it.
    additions = tmp_path / f"{unit_file.SERVICE.name}.d"
    additions.mkdir()
    (additions / "override.conf").write_text(runbook.addition_to_unit())
    names = [str(tmp_path / path.name) for path in (unit_file.SERVICE, unit_file.SOCKET)]
    result = analyze("verify", "--man=no", *names)
    assert result.returncode == 0 and not result.stderr, result.stderr
    (tmp_path / unit_file.SERVICE.name).write_text(
        unit_file.SERVICE.read_text().replace("ProtectClock", "ProtectClocks")
    )
    (additions / "override.conf").write_text("[Service]\nLoadCredentials=x:/x\n")
    complaints = analyze("verify", "--man=no", names[0]).stderr
    assert "ProtectClocks" in complaints and "LoadCredentials" in complaints, complaints


@pytest.mark.root
def test_a_life_within_the_unit(unit: Unit, binary: str, stub: Stub, tmp_path: Path) -> None:
    """The filter kills for what systemd would answer with EPERM: nothing of that is called."""
    sandbox = Sandbox(unit, tmp_path / "service", binary)
    manager = ServiceManager(f"@gateway-test-{uuid.uuid4()}")
    gateway = InSandbox(sandbox, unit, manager)
    try:
        eventually(lambda: "READY=1" in manager.read(), "it says that it is ready")
        integration = gateway.connect(stub).json()
        source = gateway.create_source(integration["id"])
        stub.send_webhooks(source.callback_url, source.secret)
        incidents = [stub.create() for _ in range(ALERTS)]
        alerts = [
            eventually(lambda: gateway.find_alert(name), f"an alert for {name}")["id"]
            for name in incidents
        ]
        for alert_id in alerts:
            gateway.resolve(alert_id)
        gateway.kill_inner()
        gateway.start_again()
        for alert_id in alerts:
            gateway.wait_for_close(alert_id, "confirmed", 60)
        # Several times what a page of memory or a pipe holds.
        assert source.post(new(new_id(), description="x" * 3_000_000)).status == 200
        assert gateway.api("GET", "/metrics").status == 200
        os.kill(inner(gateway.process), signal.SIGTERM)
        assert gateway.process.wait() == 0, gateway.process.said()
        assert "STOPPING=1" in manager.read()
    finally:
        gateway.kill_inner()
        manager.close()
    # Its files are where the unit says, and nobody else's to read.
    assert (sandbox.state / "gateway.db").exists()
    assert not (sandbox.state / "master.key").exists(), "the key is a credential"
    for path in sandbox.state.iterdir():
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"


class InSandbox(Gateway):
    """A gateway whose process stands behind the one that made the sandbox."""

    def __init__(self, sandbox: Sandbox, unit: Unit, manager: ServiceManager) -> None:
        self._sandbox = sandbox
        self._manager = manager
        assert set(unit.credentials()) == {"master-key", "admin-token"}
        for name in unit.credentials():
            path = sandbox.credentials / name
            path.write_bytes(subprocess.check_output(["openssl", "rand", "-base64", "32"]))
        super().__init__("", sandbox.directory)
        self.settings["GATEWAY_ADMIN_TOKEN_FILE"] = str(sandbox.credentials / "admin-token")

    def _launch(self) -> Process:
        return self._sandbox.serve(
            GATEWAY_LISTEN=f"127.0.0.1:{self.port}",
            GATEWAY_LOG_LEVEL="debug",
            NOTIFY_SOCKET=self._manager.address,
        )

    def kill_inner(self) -> None:
        if self.process.is_running:
            os.kill(inner(self.process), signal.SIGKILL)
        self.process.child.wait(timeout=10)


# What the sandbox must stop, in a few words of Python, which stands in for the gateway there.
LIBC = "import ctypes; libc = ctypes.CDLL(None, use_errno=True); "
KILLED = {
    "memory to write and execute": "import mmap; mmap.mmap(-1, 4096, prot=7)",
    "a netlink socket": "import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "a namespace": LIBC + "libc.unshare(0x10000000)",
    "a mount": LIBC + "libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)",
    "a set-user-id file": "import os; os.open('x', os.O_CREAT | os.O_WRONLY, 0o4700)",
    "another personality": LIBC + "libc.personality(0x0040000)",
    "another priority": "import os; os.setpriority(os.PRIO_PROCESS, 0, -5)",
    "the clock": "import time; time.clock_settime(time.CLOCK_REALTIME, 0)",
}
REFUSED = {
    "another file": "open('/etc/x', 'w')",
    "somebody's home": "import os; assert os.listdir('/root') or os.listdir('/home')",
    "the machine's facts": "open('/proc/cpuinfo')",
    "a device": "open('/dev/kmsg')",
}
ALLOWED = {
    "its state": "open('x', 'w').write('x')",
    "its credentials": "open('/run/credentials/admin-token').read()",
    "a network socket": "import socket; socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
    "randomness": "import os; os.urandom(8); open('/dev/urandom', 'rb').read(1)",
}


@pytest.mark.root
@pytest.mark.parametrize("what", [*KILLED, *REFUSED, *ALLOWED])
def test_the_sandbox_is_one(what: str, unit: Unit, tmp_path: Path) -> None:
    sandbox = Sandbox(unit, tmp_path / "service", PYTHON)
    (sandbox.credentials / "admin-token").write_text("x")
    words = {**KILLED, **REFUSED, **ALLOWED}[what]
    result = sandbox.run(PROGRAM, "-c", f"print('begun', flush=True); {words}")
    assert result.stdout == "begun\n", result
    # As a shell tells of a child that a signal ended.
    killed = 128 + signal.SIGSYS
    expected = killed if what in KILLED else 1 if what in REFUSED else 0
    assert result.returncode == expected, result
