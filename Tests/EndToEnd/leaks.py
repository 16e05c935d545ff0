"""Looking for secrets where none may be, in every form in which one could stand there."""

import base64
import functools
import html
import json
from pathlib import Path
from urllib.parse import quote

# The files that exist to hold a secret.
KEEPERS = {"admin-token", "admin-token.previous", "master.key", "master.key.previous"}


@functools.cache
def forms(secret: str) -> frozenset[bytes]:
    """The secret as it is, reversed, in hexadecimal, in base64 at each of its three offsets, and
    as it is written in an address, in JSON and in a page."""
    plain = secret.encode()
    found = {plain, plain[::-1], plain.hex().encode(), plain.hex().upper().encode()}
    every = "".join(f"%{byte:02x}" for byte in plain)
    found |= {every.encode(), every.upper().encode(), quote(secret, safe="").encode()}
    found |= {quote(secret).encode(), html.escape(secret).encode()}
    in_json = json.dumps(secret)[1:-1]
    found |= {in_json.encode(), in_json.replace("/", "\\/").encode()}
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        # The ends depend on what stands beside the secret; the middle does not.
        middle = encoded[(4 if offset else 0) : -4]
        found |= {middle, middle.replace(b"+", b"-").replace(b"/", b"_")}
    # A form too short to be recognised would be found by chance.
    return frozenset(form for form in found if len(form) >= 8)


def assert_absent(secrets: set[str], data: bytes, where: str) -> None:
    for secret in secrets:
        for form in forms(secret):
            position = data.find(form)
            assert position < 0, f"{where} holds a secret, at byte {position}"


def assert_no_files_hold(secrets: set[str], directory: Path) -> None:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name not in KEEPERS:
            assert_absent(secrets, path.read_bytes(), str(path.relative_to(directory)))
