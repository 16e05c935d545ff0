"""How a gateway is told its secrets, and a search of everything that it shows."""

import base64
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import leaks
from gateway import Gateway

# What makes each way of writing a secret differ from the others.
ODD = "%/+=&'<>~="
LISTS = (
    "integrations", "sources", "alerts", "closes", "deliveries", "tokens", "audit",
    "webhook-endpoints",
)
# Of these there is nothing more to ask for.
LISTED_ONLY = ("closes", "tokens", "audit")
OTHERS = ("/metrics", "/healthz", "/readyz", "/openapi.json", "/", "/v1/nothing")


def key() -> str:
    return "BPU-" + secrets.token_hex(16)


@dataclass
class Entry:
    """How a gateway is told its two secrets of its own, and what that leaves in view."""

    flags: list[str] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    # What its environment holds because whoever started it put it there.
    in_environment: set[str] = field(default_factory=set)


def entry(kind: str, directory: Path) -> tuple[Entry, set[str]]:
    token = secrets.token_urlsafe(16) + ODD
    master = base64.b64encode(secrets.token_bytes(32)).decode()
    paths = {"admin-token-file": directory / "given-token", "master-key-file": directory / "given"}
    for path, text in zip(paths.values(), (token, master)):
        path.write_text(text + "\n")
    files = [str(path) for path in paths.values()]
    match kind:
        case "variables":
            given = {"GATEWAY_ADMIN_TOKEN": token, "GATEWAY_MASTER_KEY": master}
            return Entry(settings=given, in_environment={token, master}), {token, master}
        case "files":
            names = ("GATEWAY_ADMIN_TOKEN_FILE", "GATEWAY_MASTER_KEY_FILE")
            return Entry(settings=dict(zip(names, files))), {token, master}
        case "flags":
            flags = ["--admin-token-file", files[0], "--master-key-file", files[1]]
            return Entry(flags=flags), {token, master}
    raise AssertionError(kind)


class Search:
    """Everything that a gateway shows, searched for everything that it was told."""

    def __init__(self, gateway: Gateway, entry: Entry) -> None:
        self._gateway = gateway
        self._entry = entry
        self.searched = 0

    def absent(self, data: bytes, where: str, allowed: set[str] | None = None) -> None:
        leaks.assert_absent(self._gateway.secrets - (allowed or set()), data, where)
        self.searched += 1

    def everything(self) -> None:
        gateway = self._gateway
        for path in OTHERS:
            self.absent(gateway.api("GET", path).body, path)
        for item in self._items():
            self.absent(json.dumps(item).encode(), str(item.get("id")))
            if item.get("body_base64"):
                self.absent(base64.b64decode(item["body_base64"]), "a body")
        gateway.assert_nothing_leaked()
        process = Path(f"/proc/{gateway.process.pid}")
        self.absent((process / "cmdline").read_bytes(), "the arguments")
        self.absent((process / "comm").read_bytes(), "the name")
        allowed = self._entry.in_environment
        self.absent((process / "environ").read_bytes(), "the environment", allowed)

    def _items(self) -> Iterator[dict[str, Any]]:
        for name in LISTS:
            cursor: str | None = ""
            while cursor is not None:
                query = f"?limit=500&cursor={cursor}" if cursor else "?limit=500"
                page = self._gateway.get(f"/v1/{name}{query}")
                cursor = page["next_cursor"]
                for item in page["items"]:
                    yield item
                    if name not in LISTED_ONLY:
                        yield self._gateway.get(f"/v1/{name}/{item['id']}")
