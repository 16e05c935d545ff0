"""The gateway under test: a real process, spoken to over HTTP only."""

import json as json_codec
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import leaks
from http_client import Address, Response, request
from processes import Process, free_port
from stub import Stub
from waiting import eventually


def place(listener: str) -> tuple[str, int]:
    host, _, port = listener.rpartition(":")
    return host, int(port)


class Gateway:
    """Runs in a directory of its own with default settings, which put its files under `data`."""

    host = "127.0.0.1"

    def __init__(self, binary: str, directory: Path, *flags: str, **settings: str) -> None:
        self.binary = binary
        self.flags = flags
        self.directory = directory
        if "GATEWAY_LISTEN" in settings:
            self.host, self.port = place(settings["GATEWAY_LISTEN"])
        else:
            self.port = free_port()
        self.settings = {
            "GATEWAY_LISTEN": f"{self.host}:{self.port}",
            "GATEWAY_LOG_LEVEL": "debug",
        } | settings
        self.admin_port = place(settings.get("GATEWAY_ADMIN_LISTEN", f":{self.port}"))[1]
        # Whatever is in here may stand in no answer, log line or file.
        self.secrets: set[str] = set()
        self.ended_on_purpose = False
        self.process = self._launch()

    @property
    def address(self) -> Address:
        return (self.host, self.port)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def token(self) -> str:
        given = self.settings.get("GATEWAY_ADMIN_TOKEN")
        path = self.settings.get("GATEWAY_ADMIN_TOKEN_FILE") or self.data / "admin-token"
        if "--admin-token-file" in self.flags:
            path = self.flags[self.flags.index("--admin-token-file") + 1]
        token = given or Path(path).read_text().strip()
        self.secrets.add(token)
        return token

    # The process.

    def _launch(self) -> Process:
        self.ended_on_purpose = False
        return Process(
            [self.binary, "serve", *self.flags],
            directory=self.directory,
            name="gateway",
            settings=self.settings,
        )

    def wait_until_ready(self) -> "Gateway":
        def is_ready() -> bool:
            self.process.give_up_if_ended()
            try:
                return request(self.address, "GET", "/readyz", timeout=2).status == 200
            except OSError:
                return False

        eventually(is_ready, "the gateway is ready")
        return self

    def kill(self) -> None:
        self.ended_on_purpose = True
        self.process.kill()

    def launch(self) -> None:
        """Starts it again without waiting for anything."""
        self.process = self._launch()

    def start_again(self) -> None:
        self.launch()
        self.wait_until_ready()

    def kill_and_restart(self) -> None:
        self.kill()
        self.start_again()

    def stop(self) -> int:
        self.ended_on_purpose = True
        return self.process.stop()

    def assert_nothing_leaked(self) -> None:
        leaks.assert_no_files_hold(self.secrets, self.directory)

    # The API.

    def api(self, method: str, path: str, json: Any = None, **options: Any) -> Response:
        """A call with the admin token, whose answer is searched for secrets."""
        address = (self.host, self.admin_port)
        if "token" not in options:
            options["token"] = self.token
        answer = request(address, method, path, json=json, **options)
        leaks.assert_absent(self.secrets, answer.body, f"the answer to {method} {path}")
        return answer

    def get(self, path: str) -> Any:
        answer = self.api("GET", path)
        assert answer.status == 200, f"GET {path}: {answer}"
        return answer.json()

    def items(self, path: str) -> list[dict[str, Any]]:
        return self.get(path)["items"]

    def connect(self, stub: Stub, **fields: Any) -> Response:
        body = {"name": "production", "api_key": stub.key, "base_url": stub.base_url} | fields
        self.secrets.add(body["api_key"])
        return self.api("POST", "/v1/integrations", body)

    def create_source(self, integration_id: str, name: str = "BigPanda") -> "Source":
        answer = self.api("POST", "/v1/sources", {"name": name, "integration_id": integration_id})
        assert answer.status == 201, answer
        body = answer.json()
        self.secrets.add(body["secret"])
        return Source(self, body["id"], body["secret"], body["callback_url"])

    def alert(self, alert_id: str) -> dict[str, Any]:
        return self.get(f"/v1/alerts/{alert_id}")

    def find_alert(self, incident_id: str) -> dict[str, Any] | None:
        items = self.items(f"/v1/alerts?incident_id={incident_id}")
        return self.alert(items[0]["id"]) if items else None

    def resolve(self, alert_id: str, comment: str | None = None) -> dict[str, Any]:
        body = None if comment is None else {"comment": comment}
        answer = self.api("POST", f"/v1/alerts/{alert_id}/resolve", body)
        assert answer.status == 200, answer
        alert = answer.json()
        assert alert["status"] == "resolved", alert
        return alert

    def close_of(self, alert_id: str) -> dict[str, Any] | None:
        return self.alert(alert_id)["close"]

    def wait_for_close(self, alert_id: str, state: str, seconds: float = 20.0) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            close = self.close_of(alert_id)
            assert close is not None and close["state"] == state, close
            return close

        return eventually(reached, f"the close is {state}", seconds)

    def wait_for_status(self, alert_id: str, status: str, seconds: float = 15.0) -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            alert = self.alert(alert_id)
            assert alert["status"] == status, alert
            return alert

        return eventually(reached, f"the alert is {status}", seconds)


@dataclass(frozen=True)
class Source:
    """A webhook endpoint of the gateway."""

    gateway: Gateway
    id: str
    secret: str
    callback_url: str

    @property
    def path(self) -> str:
        return f"/webhooks/bigpanda/{self.id}"

    def post(self, payload: Any = None, **options: Any) -> Response:
        """One webhook, authenticated unless `options` say otherwise; bytes go out as they are.

        It goes straight to the gateway, or `through` what stands in front of it."""
        if not isinstance(payload, bytes):
            payload = json_codec.dumps(payload).encode()
        method = options.pop("method", "POST")
        options.setdefault("token", self.secret)
        address = options.pop("through", self.gateway.address)
        answer = request(address, method, self.path, body=payload, **options)
        leaks.assert_absent(self.gateway.secrets, answer.body, "the answer to a webhook")
        return answer

    def send(self, payload: Any) -> tuple[str, str]:
        """One webhook that must be taken; what came of it and the alert's status."""
        body = self.deliver(payload)
        return body["outcome"], body["status"]

    def deliver(self, payload: Any) -> dict[str, Any]:
        answer = self.post(payload)
        assert answer.status == 200, answer
        return answer.json()

    def fire(self, payload: Any) -> str:
        """A first webhook that must create a firing alert; the alert's id."""
        body = self.deliver(payload)
        assert (body["outcome"], body["status"]) == ("created", "firing"), body
        return body["alert_id"]
