"""What a gateway would have learned of a source's webhooks in weeks, written into its store."""

import sqlite3
import struct
import time

from gateway import Gateway
from postgres import Database

SPAN_SECONDS = 600


def learned(deliveries: int, *, silent_spans: int, bits: float) -> bytes:
    """Of a source that had a webhook in nearly every span for three weeks, and then had none."""
    part = 65_536
    numbers = (
        int(time.time()) // SPAN_SECONDS, deliveries, 3024, silent_spans,
        silent_spans * part, int(bits * part), 0, silent_spans,
    )
    weights = (16 * 1024, 16 * 1024) * 168
    return struct.pack(">B8q336H", 1, *numbers, *weights)


def write(gateway: Gateway, store: Database | None, source_id: str, profile: bytes) -> None:
    """Into the store of a gateway that does not run."""
    values = f"FROM sources WHERE id = '{source_id}'"
    insert = "INSERT INTO source_traffic(source_key, profile) SELECT key, "
    update = " ON CONFLICT (source_key) DO UPDATE SET profile = excluded.profile"
    if store is not None:
        store.sql(f"{insert} '\\x{profile.hex()}'::bytea {values} {update}")
        return
    with sqlite3.connect(gateway.data / "gateway.db") as connection:
        connection.execute(f"{insert} x'{profile.hex()}' {values} AND true {update}")
    connection.close()
