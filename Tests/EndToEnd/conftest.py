"""What the tests share: the binary, a stub BigPanda, a gateway, and both connected."""

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

import browser as browsers
import disk
from gateway import Gateway, Source
from haproxy import HAProxy
from postgres import Database, PostgresServer
from processes import STOP_SECONDS_MAX, Process
from stub import Stub
from waiting import eventually

DEFAULT_BINARY = Path(__file__).parents[2] / ".build/release/bigpanda-gateway"

FAILED = pytest.StashKey[bool]()

# For tests of what must hold whatever the store is.
on_both_stores = pytest.mark.parametrize("store", ["sqlite", "postgres"], indirect=True)
on_postgres = pytest.mark.parametrize("store", ["postgres"], indirect=True)

# Figures that tests measured, printed at the end: they are reported, not judged.
measured: list[str] = []


@dataclass(frozen=True)
class Connected:
    """A gateway with an integration to the stub and a source that the stub's webhooks go to."""

    gateway: Gateway
    stub: Stub
    integration: dict[str, Any]
    source: Source

    def share(self, **shape: Any) -> None:
        """Lets the stub send its webhooks, in the given shape, to the source."""
        self.stub.send_webhooks(self.source.callback_url, self.source.secret, **shape)

    def shared_incident(self, **fields: Any) -> tuple[str, str]:
        """An incident in the stub and the firing alert its webhook made: both ids."""
        incident_id = self.stub.create(**fields)
        alert = eventually(
            lambda: self.gateway.find_alert(incident_id), f"an alert for {incident_id}"
        )
        assert alert["status"] == "firing", alert
        return incident_id, alert["id"]


@dataclass(frozen=True)
class OnDisk:
    """A connected gateway on a disk that takes orders."""

    connected: Connected
    disk: disk.Disk

    @property
    def gateway(self) -> Gateway:
        return self.connected.gateway

    @property
    def database(self) -> Path:
        return self.gateway.data / "gateway.db"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    # What a test leaves behind comes along from the process that ran it.
    if report.when == "teardown":
        measured.extend(line for name, line in report.user_properties if name == "measured")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if measured:
        terminalreporter.section("measured")
        for line in measured:
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def binary() -> str:
    path = Path(os.environ.get("GATEWAY_BINARY", DEFAULT_BINARY))
    if not os.access(path, os.X_OK):
        pytest.exit(f"{path} is not there; run: make release", returncode=3)
    return str(path.resolve())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = browsers.launch(playwright)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser) -> Iterator[browsers.Visit]:
    """Opens a browser of its own on a gateway."""
    with browsers.visits(chromium) as visit:
        yield visit


@pytest.fixture(scope="session")
def disk_library(tmp_path_factory: Any) -> Path:
    """The layer that `disk.Disk` gives orders to, for the gateway to be started with."""
    return disk.build(tmp_path_factory.mktemp("faulty_disk"))


@pytest.fixture
def report(request: Any) -> Callable[[str], None]:
    """Keeps a measured figure for the end of the run."""
    return lambda line: request.node.user_properties.append(("measured", line))


@pytest.fixture
def start_stub(binary: str, tmp_path: Path, request: Any) -> Iterator[Callable[[], Stub]]:
    stubs: list[Stub] = []

    def start() -> Stub:
        stubs.append(Stub(binary, tmp_path / f"stub{len(stubs)}"))
        return stubs[-1]

    yield start
    for stub in stubs:
        stub.process.kill()
        if request.node.stash.get(FAILED, True):
            print(f"--- the stub said:\n{stub.process.said()[-3000:]}")


@pytest.fixture
def stub(start_stub: Callable[[], Stub]) -> Stub:
    return start_stub()


class Stopping:
    """Gateways that were asked to end; they do so while the next tests run."""

    def __init__(self) -> None:
        self._processes: list[tuple[str, Process]] = []

    def ask(self, test: str, process: Process) -> None:
        process.send(signal.SIGTERM)
        self._processes.append((test, process))

    def check(self, *, wait: bool) -> None:
        """Fails when one ended with another status than 0, or did not end within its time."""
        waiting, self._processes = self._processes, []
        for test, process in waiting:
            is_in_time = process.seconds_since_signal() < STOP_SECONDS_MAX
            if not wait and process.is_running and is_in_time:
                self._processes.append((test, process))
                continue
            status = process.wait()
            assert status == 0, f"after {test}, SIGTERM ended it with {status}: {process.said()}"


@pytest.fixture(scope="session")
def stopping() -> Iterator[Stopping]:
    gateways = Stopping()
    yield gateways
    gateways.check(wait=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """This worker's PostgreSQL server; a test that stops it starts it again."""
    server = PostgresServer()
    yield server
    server.end()


@pytest.fixture
def database(postgres: PostgresServer) -> Database:
    return postgres.database()


@pytest.fixture
def store(request: Any) -> Database | None:
    """Where the gateways keep their alerts: in a file each, or, with parameter `postgres`,
    together in one database."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return None
    return request.getfixturevalue("database")


@pytest.fixture
def start_gateway(
    binary: str, tmp_path: Path, request: Any, stopping: Stopping, store: Database | None
) -> Iterator[Callable[..., Gateway]]:
    """Starts gateways; afterwards each must still run, stop when asked, and have leaked nothing."""
    gateways: list[Gateway] = []

    def start(*flags: str, **settings: str) -> Gateway:
        directory = tmp_path / f"gateway{len(gateways)}"
        if store is not None:
            settings = store.settings() | settings
        gateways.append(Gateway(binary, directory, *flags, **settings))
        if store is not None:
            gateways[-1].secrets |= store.secrets
        return gateways[-1].wait_until_ready()

    yield start
    failed = request.node.stash.get(FAILED, True)
    try:
        for gateway in gateways:
            if not gateway.ended_on_purpose:
                gateway.process.assert_running()
            gateway.assert_nothing_leaked()
        stopping.check(wait=False)
    finally:
        for gateway in gateways:
            if gateway.process.is_running:
                stopping.ask(request.node.name, gateway.process)
            if failed:
                print(f"--- the gateway said:\n{gateway.process.said()[-6000:]}")


@pytest.fixture
def start_haproxy(tmp_path: Path, request: Any) -> Iterator[Callable[..., HAProxy]]:
    """Starts HAProxy in front of gateways; takes what `HAProxy` takes behind its directory."""
    started: list[HAProxy] = []

    def start(*gateways: Gateway, **words: Any) -> HAProxy:
        started.append(HAProxy(tmp_path / f"haproxy{len(started)}", *gateways, **words))
        return started[-1]

    yield start
    for haproxy in started:
        is_running = haproxy.process.is_running
        haproxy.process.kill()
        if request.node.stash.get(FAILED, True):
            print(f"--- HAProxy said:\n{haproxy.process.said()[-3000:]}")
        assert is_running, "HAProxy ended by itself"


@pytest.fixture
def gateway(start_gateway: Callable[..., Gateway]) -> Gateway:
    return start_gateway()


def connect(gateway: Gateway, stub: Stub) -> Connected:
    answer = gateway.connect(stub)
    assert answer.status == 201, answer
    integration = answer.json()
    return Connected(gateway, stub, integration, gateway.create_source(integration["id"]))


@pytest.fixture
def connected(gateway: Gateway, stub: Stub) -> Connected:
    return connect(gateway, stub)


@pytest.fixture
def source(connected: Connected) -> Source:
    return connected.source


@pytest.fixture
def start_on_disk(
    start_gateway: Callable[..., Gateway], stub: Stub, disk_library: Path, tmp_path: Path
) -> Callable[..., OnDisk]:
    def start(**words: int) -> OnDisk:
        layer = disk.Disk(disk_library, tmp_path / "page", **words)
        return OnDisk(connect(start_gateway(**layer.settings), stub), layer)

    return start
