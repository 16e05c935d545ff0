"""Loaded by schemathesis, not by pytest: aims its requests at what exists, and keeps them here.

A key check calls the address that a request names, so every good address becomes the stub's.
"""

import atexit
import json
import os
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import strategies
from schemathesis.core.parameters import ParameterLocation

AIM = json.loads(os.environ["FUZZ_AIM"])
OWN_ID = re.compile(r"(alt|cls|int|src|dlv|tok|whe)_")
# Of requests that name something, so many name something that is there.
AIMED_PERCENT = 75

sent: Counter[str] = Counter()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    keep_here(case.body)
    if case.path == "/v1/session":
        # After ten wrong tokens an address has to wait, with whatever it asks for.
        case.headers = {**(case.headers or {}), "X-Forwarded-For": "203.0.113.1"}
    if isinstance(case.body, dict) and "{source_id}" in case.path:
        shorten_ids(case.body)
    if not case.path_parameters or is_negative(case, ParameterLocation.PATH):
        return
    (name, value), *inner = case.path_parameters.items()
    kind = case.path.split("/")[2]
    # What later requests need must neither go nor change.
    if value in AIM["protected"] and case.method != "GET" and kind == "sources":
        value = ""
    # Drawn from the value itself, so that a request that failed can be made again.
    chance = random.Random(str(value))
    is_own = OWN_ID.match(str(value)) and kind != "bigpanda"
    if is_own or (value and chance.randrange(100) >= AIMED_PERCENT):
        return
    spare = AIM["spare"].get(kind) if case.method == "DELETE" else None
    case.path_parameters[name] = spare.pop() if spare else chance.choice(AIM["ids"][kind])
    for inner_name, _ in inner:
        case.path_parameters[inner_name] = chance.choice(AIM["told"][case.path_parameters[name]])


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    sent[f"{response.status_code}"] += 1


def keep_here(body: Any) -> None:
    """Names the stub wherever the gateway would go out, and its key in half of the cases."""
    if not isinstance(body, dict):
        return
    chance = random.Random(repr(body))
    if isinstance(body.get("region"), str) and body["region"].strip().lower() in ("us", "eu"):
        del body["region"]
        body["base_url"] = AIM["base_url"]
    address = body.get("base_url")
    if isinstance(address, str) and re.match(r"\s*https?:", address, re.IGNORECASE):
        body["base_url"] = AIM["base_url"] + chance.choice(["", "", "", "/elsewhere"])
    if isinstance(body.get("api_key"), str) and chance.randrange(2):
        body["api_key"] = AIM["api_key"] if body["api_key"].strip() else body["api_key"]
    if isinstance(body.get("integration_id"), str) and chance.randrange(2):
        body["integration_id"] = chance.choice(AIM["ids"]["integrations"])


def shorten_ids(body: dict[str, Any]) -> None:
    """Holds good ids to 256 bytes: a schema can only count characters."""
    for holder in (body, body.get("incident")):
        if isinstance(holder, dict) and isinstance(holder.get("id"), str):
            text = holder["id"]
            if len(text) <= 256 < len(text.encode()):
                holder["id"] = text[:64]


def is_negative(case: Any, location: ParameterLocation) -> bool:
    return case.meta is not None and case.meta.is_negative_at(location)


# Cursors are opaque: the gateway takes only what it gave.
schemathesis.openapi.format(
    "cursor", strategies.sampled_from(["djE6MA", "djE6MQ", "djE6NTA", "djE6OTk5OTk5"])
)


@atexit.register
def tell() -> None:
    Path(os.environ["FUZZ_COUNTS"]).write_text(json.dumps(sent))
