"""The stub BigPanda, as a process of its own, driven through its control API."""

import re
import secrets
from pathlib import Path
from typing import Any

from http_client import Address, Response, request
from processes import Process
from waiting import eventually

PRODUCTION = "63bd568809cb331300ffa555"
STAGING = "63bd568809cb331300ffa666"


class Stub:
    def __init__(
        self,
        binary: str,
        directory: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        key: str = "",
    ) -> None:
        listen = f"{host}:{port}"
        self.process = Process(
            [binary, "stub", "--listen", listen], directory=directory, name="stub"
        )
        ready = re.compile(r"^stub BigPanda listening on http://[0-9.]+:(\d+)$", re.MULTILINE)

        def announced() -> re.Match[str] | None:
            self.process.give_up_if_ended()
            return ready.search(self.process.out())

        self.port = int(eventually(announced, "the stub says where it listens").group(1))
        # A key of its own for each test, so that finding it anywhere means that it leaked.
        self.key = key or "BPU-" + secrets.token_hex(16)
        self.allow_keys(self.key)

    @property
    def address(self) -> Address:
        return ("127.0.0.1", self.port)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def control(self, method: str, path: str, json: Any = None) -> Any:
        answer = request(self.address, method, "/_stub/" + path, json=json)
        assert 200 <= answer.status < 300, f"{method} /_stub/{path}: {answer}"
        return answer.json() if answer.body else None

    def vendor(
        self, method: str, path: str, *, key: str | None = None, json: Any = None
    ) -> Response:
        """A call to the vendor's API itself, as the gateway would make it."""
        return request(
            self.address, method, "/resources/v2.0/" + path, json=json, token=key or self.key
        )

    # What the stub accepts and how it behaves.

    def allow_keys(self, *good: str, forbidden: tuple[str, ...] = ()) -> None:
        self.control("PUT", "keys", {"good": list(good), "forbidden": list(forbidden)})

    def settings(self, **changes: Any) -> None:
        self.control("PUT", "settings", self.control("GET", "settings") | changes)

    def environments(self, *items: dict[str, str]) -> None:
        self.control("PUT", "environments", list(items))

    def fault(self, on: str, kind: str, times: int = 1, **details: Any) -> None:
        """`times` 0 keeps it until `clear_faults`."""
        self.control("POST", "faults", {"on": on, "kind": kind, "times": times} | details)

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def send_webhooks(self, url: str, secret: str, **shape: Any) -> None:
        settings = {
            "times": "number",
            "naming": "camel",
            "envelope": "wrapped",
            "environments_in_payload": True,
        }
        self.control("PUT", "webhook", settings | {"url": url, "secret": secret} | shape)

    # Incidents.

    def create(self, **fields: Any) -> str:
        """Creates an incident and returns its id."""
        return self.control("POST", "incidents", fields)["id"]

    def change(self, incident_id: str, **fields: Any) -> None:
        self.control("PATCH", f"incidents/{incident_id}", fields)

    def close(self, incident_id: str, *, share: bool = True) -> None:
        self.control("POST", f"incidents/{incident_id}/close", {"share": share})

    def reopen(self, incident_id: str) -> None:
        self.control("POST", f"incidents/{incident_id}/reopen")

    def delete(self, incident_id: str) -> None:
        self.control("DELETE", f"incidents/{incident_id}")

    def is_active(self, incident_id: str) -> bool:
        return self.control("GET", f"incidents/{incident_id}")["active"]

    def wait_until_closed(self, incident_id: str, seconds: float = 20.0) -> None:
        eventually(
            lambda: not self.is_active(incident_id), f"{incident_id} closed in BigPanda", seconds
        )

    # What happened.

    def calls(self, incident_id: str = "") -> list[dict[str, Any]]:
        """The vendor calls received, oldest first; those about one incident when it is named."""
        items = self.control("GET", "calls")["items"]
        return [call for call in items if incident_id in call["path"]]

    def resolves(self, incident_id: str = "") -> list[dict[str, Any]]:
        return [
            call
            for call in self.calls(incident_id)
            if call["method"] == "POST" and call["path"].endswith("/resolve")
        ]

    def reads(self, incident_id: str) -> list[dict[str, Any]]:
        return [call for call in self.calls(incident_id) if call["method"] == "GET"]

    def forget_calls(self) -> None:
        self.control("DELETE", "calls")

    def deliveries(self) -> list[dict[str, Any]]:
        return self.control("GET", "deliveries")["items"]
