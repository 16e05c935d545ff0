"""What the audit log tells of commands that ask no gateway."""

import os
import pwd
from pathlib import Path

from gateway import Gateway


def operator_name() -> str:
    """Who runs this, as the program names them."""
    login = Path("/proc/self/loginuid")
    number = int(login.read_text()) if login.exists() else 2**32 - 1
    own = pwd.getpwuid(os.geteuid()).pw_name
    if number in (2**32 - 1, os.geteuid()):
        return own
    return f"{pwd.getpwuid(number).pw_name} as {own}"


def of_operator(gateway: Gateway) -> list[tuple[str, str, str]]:
    """Action, object and outcome of what an operator did, oldest first."""
    items = [
        item for item in gateway.items("/v1/audit?limit=500")[::-1]
        if item["actor"]["kind"] == "os_user"
    ]
    for item in items:
        assert item["actor"] == {
            "kind": "os_user", "name": operator_name(), "session_id": None, "peer": ""
        }, item
        assert item["fields"] == [], item
    return [(item["action"], item["object_id"], item["outcome"]) for item in items]
