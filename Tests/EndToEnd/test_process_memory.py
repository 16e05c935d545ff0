"""Keys and tokens stand in the gateway's memory, which nobody but root gets to read."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from processes import Process, free_port
from waiting import eventually

# As root reads everything, it is done as somebody else.
NOBODY = 65534


def as_user() -> dict[str, int]:
    return {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}


def read_by_the_same_user(path: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["cat", path], capture_output=True, cwd="/", timeout=10, **as_user())


@pytest.mark.parametrize("command", ["serve", "stub"])
def test_another_process_of_the_same_user_reads_nothing(binary: str, command: str) -> None:
    """What may not be traced leaves no core either: one flag of the kernel's decides on both.

    Source: prctl(2), PR_SET_DUMPABLE; proc(5), on who owns the files."""
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place)
        program = shutil.copy(binary, directory / "gateway")
        if os.geteuid() == 0:
            os.chown(directory, NOBODY, NOBODY)
        secret = "a-token-that-the-environment-holds"
        process = Process(
            [program, command, "--listen", f"127.0.0.1:{free_port()}"],
            directory=directory,
            name=command,
            settings={"GATEWAY_ADMIN_TOKEN": secret},
            **as_user(),
        )
        try:
            word = "is ready" if command == "serve" else "127.0.0.1"
            eventually(lambda: word in process.said(), "it runs")
            own = subprocess.Popen(["sleep", "60"], cwd="/", env={"A": secret}, **as_user())
            try:
                shown = eventually(
                    lambda: read_by_the_same_user(f"/proc/{own.pid}/environ").stdout, "environ"
                )
                assert secret.encode() in shown, "the test itself can't see anything"
            finally:
                own.kill()
                own.wait()
            for name in ("environ", "maps", "auxv"):
                refused = read_by_the_same_user(f"/proc/{process.pid}/{name}")
                assert refused.returncode == 1 and not refused.stdout, (name, refused)
            assert os.stat(f"/proc/{process.pid}/mem").st_uid == 0
            assert process.stop() == 0
        finally:
            process.kill()
