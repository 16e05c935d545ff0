"""A whole store from SQLite to PostgreSQL."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit_log import of_operator
from conftest import Connected
from gateway import Gateway, Source
from payloads import EPOCH, closed, new, new_id
from postgres import Database
from test_backup import CONFIGURATION_ERROR, assert_refused, run
from waiting import eventually


# Entries of a timeline that come once.
LASTING = {"created", "updated", "resolved", "close_owed"}


def everything(gateway: Gateway) -> dict[str, Any]:
    """All lists and details of the API, but for what a start changes by itself."""
    told: dict[str, Any] = {}
    for kind in ("integrations", "sources", "alerts", "closes", "deliveries"):
        items = gateway.items(f"/v1/{kind}?limit=500")
        # An alert comes to the front when its close is tried.
        told[kind] = sorted(item["id"] for item in items)
        if kind != "closes":
            told |= {item["id"]: gateway.get(f"/v1/{kind}/{item['id']}") for item in items}
    for item in told.values():
        if isinstance(item, dict):
            # An owed close is tried again, and keys are checked again.
            for name in ("checked_at", "updated_at", "callback_url"):
                item.pop(name, None)
            if close := item.get("close"):
                item["close"] = close["id"]
                # Each try adds an entry, and an error to tell.
                item["timeline"] = [it for it in item["timeline"] if it["outcome"] in LASTING]
    return told


@pytest.fixture
def address_file(database: Database, tmp_path: Path) -> Path:
    path = tmp_path / "address"
    path.write_text(database.address() + "\n")
    return path


def test_the_moved_store_goes_on(
    connected: Connected, start_gateway: Callable[..., Gateway], database: Database,
    address_file: Path,
) -> None:  # fmt: skip
    gateway, stub, source = connected.gateway, connected.stub, connected.source
    stub.fault("resolve", "status", status=503, times=0)
    owed = stub.create(share=False)
    alert_id = source.fire(new(owed, EPOCH))
    gateway.resolve(alert_id, "moved meanwhile")
    for number in range(30):
        incident_id = new_id()
        source.fire(new(incident_id, EPOCH))
        if number % 3 == 0:
            source.deliver(closed(incident_id, EPOCH + 1))
    assert source.post(b"no json").status == 400
    eventually(lambda: gateway.items("/v1/deliveries?outcome=refused"), "the refusal is kept")
    before = everything(gateway)
    assert len(before["alerts"]) == 31 and len(before["deliveries"]) > 40
    refused = run(gateway, "migrate", "--to-file", str(address_file))
    assert_refused(refused, "another gateway uses", CONFIGURATION_ERROR)
    gateway.stop()
    files = {path.name: path.read_bytes() for path in gateway.data.glob("gateway.db*")}
    moved = run(gateway, "migrate", "--to-file", str(address_file))
    assert moved.returncode == 0, moved.stderr
    counts = dict(line.split() for line in moved.stdout.splitlines() if len(line.split()) == 2)
    assert counts["alerts"] == "31" and counts["integrations"] == "1", moved.stdout
    assert "Start no gateway on it any more" in moved.stdout
    assert not moved.stderr and database.password not in moved.stdout
    assert files["gateway.db"] == (gateway.data / "gateway.db").read_bytes()
    # Once more: it would mix two stores.
    again = run(gateway, "migrate", "--to-file", str(address_file))
    assert_refused(again, "31 alerts")
    # Who was killed at the very end of a move is told that all of it is there.
    assert "The store has as many of each" in again.stderr
    after = start_gateway(
        GATEWAY_STORE=database.address(),
        GATEWAY_MASTER_KEY=(gateway.data / "master.key").read_text().strip(),
        GATEWAY_ADMIN_TOKEN=gateway.token,
    )
    assert everything(after) == before
    assert of_operator(after) == [("store.migrate", "", "done")]
    stub.clear_faults()
    after.wait_for_close(alert_id, "confirmed", 60)
    assert after.alert(alert_id)["resolved_by"]["name"] == "admin"
    # BigPanda goes on with the secret that it has.
    moved_source = Source(after, source.id, source.secret, source.callback_url)
    moved_source.fire(new(new_id(), EPOCH))


def test_what_can_not_be_moved(
    gateway: Gateway, database: Database, address_file: Path, tmp_path: Path
) -> None:
    gateway.stop()
    cases = [
        ([], "--to", CONFIGURATION_ERROR),
        (["--to", "postgres://h/d", "--to-file", str(address_file)], "--to", CONFIGURATION_ERROR),
        (["--to-file", str(tmp_path / "none")], "could not be read", 1),
        (["--to", "mysql://u:s3cr3t@h/d"], "", 1),
        (["--to", "postgres://u:s3cr3t@127.0.0.1:1/d"], "no connection", 1),
        (["--store", "sqlite:none/gateway.db", "--to-file", str(address_file)], "", 78),
    ]
    for words, told, status in cases:
        result = run(gateway, "migrate", *words)
        assert_refused(result, told, status)
        assert "s3cr3t" not in result.stderr
    other = tmp_path / "other.key"
    other.write_text("A" * 43 + "=\n")
    result = run(
        gateway, "migrate", "--to-file", str(address_file), "--master-key-file", str(other)
    )
    assert_refused(result, "the store wants key")
    assert database.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"
    shutil.rmtree(gateway.data)
    gateway.start_again()
