"""A store in PostgreSQL: what it takes to start, what is told of it, and what is not."""

import json
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from command_line import CommandLine
from conftest import Connected, on_postgres
from gateway import Gateway
from postgres import Database, PostgresServer, Way
from processes import free_port
from test_commands import command, doctor  # noqa: F401
from test_configuration import assert_refused, serve
from waiting import eventually


@pytest.mark.parametrize("variable", ["GATEWAY_MASTER_KEY", "GATEWAY_ADMIN_TOKEN"])
def test_what_replicas_share_must_be_given(binary: str, tmp_path: Path, variable: str) -> None:
    settings = {
        "GATEWAY_STORE": "postgres://gateway@127.0.0.1:1/gateway",
        "GATEWAY_ADMIN_TOKEN": "0123456789abcdef",
        "GATEWAY_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    }
    del settings[variable]
    assert_refused(serve(binary, tmp_path, settings), variable)
    assert not list(tmp_path.iterdir()), "files were made for a store that has none"


@pytest.mark.parametrize(
    "address",
    [
        "postgres:gateway", "postgres://u:s3cr3t@ss@h/d", "postgres://u:s3cr3t/x@h/d",
        "postgresql://u:s3cr3t@h/d?nonsense=1", "postgres://u:s3cr3t%zz@h/d",
    ],
)
def test_an_address_that_cannot_be_used(binary: str, tmp_path: Path, address: str) -> None:
    result = serve(binary, tmp_path, {"GATEWAY_STORE": address})
    assert_refused(result, "GATEWAY_STORE")
    assert "s3cr3t" not in result.stderr


def test_a_password_is_no_argument(binary: str, tmp_path: Path) -> None:
    result = serve(binary, tmp_path, {}, "--store", "postgres://u:s3cr3t@h/d")
    assert_refused(result, "GATEWAY_STORE")
    assert "s3cr3t" not in result.stderr


def test_the_address_comes_from_a_file(
    start_gateway: Any, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "store"
    settings = database.settings()
    path.write_text(settings.pop("GATEWAY_STORE") + "\n")
    gateway = start_gateway(**settings, GATEWAY_STORE_FILE=str(path))
    gateway.secrets |= database.secrets
    assert gateway.get("/v1/alerts")["items"] == []
    assert not gateway.data.exists()


def test_a_gateway_waits_for_its_server(
    start_gateway: Any, database: Database, postgres: PostgresServer
) -> None:
    """Both may be started at once, as after a power cut."""
    with Way(postgres) as way:
        way.cut()
        timer = threading.Timer(3, way.mend)
        timer.start()
        gateway = start_gateway(**database.settings(database.address(f"127.0.0.1:{way.port}")))
        timer.join()
        gateway.secrets |= database.secrets
        assert "can't be opened yet" in gateway.process.said()


def test_a_newer_schema_is_refused(
    binary: str, start_gateway: Any, database: Database, tmp_path: Path
) -> None:
    gateway = start_gateway(**database.settings())
    assert gateway.stop() == 0
    database.sql("UPDATE gateway_schema SET version = 99")
    result = serve(binary, tmp_path, database.settings())
    assert_refused(result, "GATEWAY_STORE")
    assert "99" in result.stderr and "newer" in result.stderr
    assert not any(secret in result.stderr for secret in database.secrets)


def test_another_master_key_is_refused(
    binary: str, start_gateway: Any, database: Database, tmp_path: Path
) -> None:
    assert start_gateway(**database.settings()).stop() == 0
    other = {"GATEWAY_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}
    assert_refused(serve(binary, tmp_path, database.settings() | other), "GATEWAY_MASTER_KEY")


@on_postgres
def test_doctor_looks_at_the_server(connected: Connected, command: CommandLine) -> None:
    report = doctor(connected, command)
    lines = {line[6:].split(":")[0]: line for line in report.stdout.splitlines()}
    for subject in ("store", "store schema", "store TLS", "store clock"):
        assert lines[subject].startswith("ok"), lines
    # The tests' server does not wait for its disk, and this is what doctor is for.
    assert lines["store durability"].startswith("FAIL") and "fsync" in lines["store durability"]
    assert report.returncode == 1
    assert not any(secret in report.stdout for secret in connected.gateway.secrets)


@on_postgres
def test_doctor_tells_what_is_wrong(
    connected: Connected, command: CommandLine, store: Database
) -> None:
    away = store.settings(store.address(f"127.0.0.1:{free_port()}"))
    for settings, words in [
        (away, "FAIL  store: PostgreSQL on 127.0.0.1"),
        ({"GATEWAY_MASTER_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}, "sealed with"),
        ({"GATEWAY_MASTER_KEY": ""}, "GATEWAY_MASTER_KEY"),
    ]:
        report = doctor(connected, command, **settings)
        assert report.returncode == 1 and words in report.stdout, report
        assert not any(secret in report.stdout for secret in connected.gateway.secrets)


@on_postgres
@pytest.mark.parametrize("name", ["backup", "restore"])
def test_a_backup_is_the_databases(
    gateway: Gateway, command: CommandLine, name: str, tmp_path: Path
) -> None:
    result = command.run(name, str(tmp_path / "copy"), **gateway.settings)
    assert result.returncode == 78 and "GATEWAY_STORE" in result.stderr, result
    assert ("pg_dump" if name == "backup" else "pg_restore") in result.stderr
    assert not any(secret in result.stderr for secret in gateway.secrets)


@on_postgres
def test_a_dump_and_its_restoration(
    connected: Connected, start_gateway: Any, store: Database, tmp_path: Path
) -> None:
    """As the handbook describes it: what was acknowledged is there again, keys included."""
    connected.share()
    _, alert_id = connected.shared_incident()
    dump = tmp_path / "dump"
    place = ["-h", str(store.server.directory), "-U", "postgres"]
    subprocess.run(["pg_dump", *place, "-Fc", "-f", str(dump), store.name], check=True, timeout=60)
    # Not from `database()`, as its names count.
    copy = store.server.database()
    restore = ["pg_restore", *place, "-d", copy.name, "--no-owner", "--role=gateway", str(dump)]
    subprocess.run(restore, check=True, timeout=60)
    other = start_gateway(GATEWAY_STORE=copy.address())
    other.secrets |= copy.secrets
    assert other.alert(alert_id)["status"] == "firing"
    (integration,) = other.items("/v1/integrations")
    answer = other.api("POST", f"/v1/integrations/{integration['id']}/check")
    assert answer.json()["state"] == "connected", answer


@on_postgres
def test_a_kill_loses_nothing(connected: Connected) -> None:
    connected.share()
    incident_id, alert_id = connected.shared_incident()
    connected.stub.fault("resolve", "delay", delay_ms=3000)
    connected.gateway.resolve(alert_id)
    eventually(lambda: connected.stub.resolves(incident_id), "the close is under way")
    connected.gateway.kill_and_restart()
    connected.gateway.wait_for_close(alert_id, "confirmed", 45)
    assert not connected.stub.is_active(incident_id)
    assert len(connected.stub.resolves(incident_id)) == 1, "closed twice"
    assert json.loads(connected.gateway.api("GET", "/readyz").body)["checks"]["store"] == "ok"
