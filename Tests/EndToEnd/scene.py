"""A gateway in the middle of a night: alerts in every state, and a day behind it."""

import math
import sqlite3
import time
from dataclasses import dataclass

from conftest import Connected
from gateway import Source
from waiting import eventually

FIRING = [
    ("Checkout API: 5xx above 2 %", "critical", "4.1 % of requests fail since the last deploy"),
    ("db-prod-1 – replication lag 94 s", "critical", "Replica db-prod-1b falls behind"),
    ("web-3: disk 91 % full", "warning", "/var/log grows by 2 GB an hour"),
    ("Kafka: consumer lag on orders", "warning", "12,400 messages behind"),
]
# How long ago each of the alerts fired, in minutes.
AGES = [7, 26, 83, 190, 240, 395, 610, 1205]


@dataclass(frozen=True)
class Scene:
    connected: Connected
    firing: str
    failed: str
    confirmed: str
    sources: list[Source]


def play(connected: Connected) -> Scene:
    gateway, stub = connected.gateway, connected.stub
    staging = gateway.create_source(connected.integration["id"], "Staging")
    connected.share()
    confirmed = incident(connected, "payments: certificate ends in 3 days", "warning")
    gateway.resolve(confirmed, "Renewed, deployed to both clusters")
    gateway.wait_for_close(confirmed, "confirmed")
    stub.fault("resolve", "status", times=0, status=400)
    failed = incident(connected, "LB eu-west: 2 of 6 targets unhealthy", "critical")
    gateway.resolve(failed, "Targets drained and replaced")
    gateway.wait_for_close(failed, "failed")
    stub.clear_faults()
    closed = stub.create(title="cron: backup of billing late", status="warning")
    ended = eventually(lambda: gateway.find_alert(closed), "an alert")["id"]
    stub.close(closed)
    gateway.wait_for_status(ended, "resolved")
    fired = [incident(connected, *item[:2]) for item in reversed(FIRING)]
    assert connected.source.post(b"{not json").status == 400
    assert connected.source.post(b"{}", token="a-wrong-secret").status == 401
    eventually(
        lambda: len(gateway.items("/v1/deliveries?outcome=refused")) == 2, "two refused ones"
    )
    age(connected, staging)
    return Scene(connected, fired[-1], failed, confirmed, [connected.source, staging])


def incident(connected: Connected, title: str, status: str) -> str:
    tags = {"host": title.split(":")[0].split(" ")[0], "team": "platform", "env": "prod"}
    _, alert_id = connected.shared_incident(title=title, status=status, tags=tags)
    return alert_id


def make_older(store: sqlite3.Connection, alert_id: str, back: int) -> None:
    """Lets an alert begin so many milliseconds earlier, and the rest happen half-way."""
    [key] = store.execute("SELECT key FROM alerts WHERE id = ?", (alert_id,)).fetchone()
    store.execute(
        "UPDATE alerts SET fired_at = fired_at - ?1, created_at = created_at - ?1,"
        " resolved_at = resolved_at - ?1 / 2, updated_at = updated_at - ?1 / 2 WHERE key = ?2",
        (back, key),
    )
    store.execute(
        "UPDATE transitions SET at = at - CASE outcome WHEN 'created' THEN ?1 ELSE ?1 / 2 END,"
        " changed_on = changed_on - CASE outcome WHEN 'created' THEN ?1 ELSE ?1 / 2 END"
        " WHERE alert_key = ?2",
        (back, key),
    )
    store.execute("UPDATE closes SET created_at = created_at - ?1 / 2 WHERE alert_key = ?2",
                  (back, key))


def age(connected: Connected, staging: Source) -> None:
    """Puts a day behind what just happened, as no test can wait for one."""
    gateway = connected.gateway
    gateway.kill()
    hour = int(time.time()) // 3600
    with sqlite3.connect(gateway.data / "gateway.db") as store:
        ids = [row[0] for row in store.execute("SELECT id FROM alerts ORDER BY key DESC")]
        for minutes, alert_id in zip(AGES, ids):
            make_older(store, alert_id, minutes * 60_000)
        for title, _, summary in FIRING:
            store.execute("UPDATE alerts SET summary = ? WHERE title = ?", (summary, title))
        store.execute("DELETE FROM activity")
        firing = [5, 5, 4, 4, 6, 7, 5, 4, 3, 3, 2, 2, 1, 2, 2, 3, 5, 8, 9, 7, 6, 5, 5, 4]
        for index in range(24):
            busy = 14 + 11 * math.sin((index - 4) / 3.8) + (38 if index in (17, 18) else 0)
            rows = {
                f"taken {connected.source.id}": round(busy),
                f"taken {staging.id}": round(busy / 4) if index % 3 else 0,
                "refused": 3 if index == 18 else 0,
                "firing": firing[index] - firing[index - 1] if index else 0,
            }
            for name, value in rows.items():
                store.execute(
                    "INSERT INTO activity VALUES (?, ?, ?)", (hour - 23 + index, name, value)
                )
    store.close()
    gateway.start_again()
