"""Whatever a start asks of its disk fails once: it says why in one line, or starts all the same."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import disk
from disk import Disk
from gateway import Gateway
from http_client import request
from waiting import eventually

# `make soak` sets it to 1: then each call fails once, not only one in so many.
STEP = int(os.environ.get("GATEWAY_NTH_STEP", "6"))
CONFIGURATION_ERROR = 78

# In a directory, with the number of the call that fails; 0 for none.
Launch = Callable[[Path, int], tuple[Gateway, Disk]]


@pytest.fixture
def launch(binary: str, disk_library: Path, tmp_path: Path) -> Iterator[Launch]:
    """Starts a gateway without waiting; it is killed in the end."""
    layer = Disk(disk_library, tmp_path / "page")
    gateways: list[Gateway] = []

    def start(directory: Path, number: int) -> tuple[Gateway, Disk]:
        layer.fail(*disk.CALLS, after=number, times=1)
        gateways.append(Gateway(binary, directory, **layer.settings))
        return gateways[-1], layer

    yield start
    for gateway in gateways:
        gateway.process.kill()


def has_started(gateway: Gateway) -> bool:
    """Once it is ready, or has ended as it should when it cannot start."""

    def is_settled() -> bool:
        if not gateway.process.is_running:
            return True
        with contextlib.suppress(OSError):
            return request(gateway.address, "GET", "/readyz", timeout=2).status == 200
        return False

    eventually(is_settled, "ready, or ended")
    if gateway.process.is_running:
        return True
    assert gateway.process.wait() == CONFIGURATION_ERROR, gateway.process.said()
    lines = gateway.process.said().strip().splitlines()
    assert len(lines) == 1 and "GATEWAY_STORE" in lines[0], lines
    return False


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "existing"])
def test_the_nth_call_of_a_start_fails(
    launch: Launch, tmp_path: Path, report: Callable[[str], None], is_new: bool
) -> None:
    refused, number = 0, 1
    made = tmp_path / "made"
    if not is_new:
        gateway, _ = launch(made, 0)
        assert has_started(gateway)
        gateway.kill()
    while True:
        directory = tmp_path / str(number)
        if not is_new:
            shutil.copytree(made / "data", directory / "data")
        gateway, layer = launch(directory, number)
        if not has_started(gateway):
            refused += 1
            # The disk is well again: what was left half done does not keep the next from starting.
            (directory / "gateway.err").unlink()
            gateway, _ = launch(directory, 0)
            assert has_started(gateway), gateway.process.said()
        gateway.kill()
        with contextlib.closing(sqlite3.connect(gateway.data / "gateway.db")) as store:
            assert store.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        shutil.rmtree(directory)
        if layer.get("fault_after") > 0:
            break
        number += STEP
    assert refused > 3, "no failure kept it from starting"
    report(f"{'new' if is_new else 'existing'} store: {number} calls, {refused} starts refused")
